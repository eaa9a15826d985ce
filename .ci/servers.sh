# Servers that the tests of faults run on: PostgreSQL, MariaDB, Redis and NATS with JetStream. Where one does not let us
# in, one of our own is started, on a port and in a folder of its own, and stopped in the end. Sourced by .ci/run.

declare -A url=(
  [postgres]=${BACKPLANE_TEST_POSTGRES:-postgres://postgres@127.0.0.1:5432/postgres}
  [mysql]=${BACKPLANE_TEST_MYSQL:-mysql://root@127.0.0.1:3306/mysql}
  [redis]=${BACKPLANE_TEST_REDIS:-redis://127.0.0.1:6379}
  [nats]=${BACKPLANE_TEST_NATS:-nats://127.0.0.1:4222}
)
declare -A package=([postgres]=postgresql [mysql]=mariadb-server [redis]=redis-server [nats]=nats-server)
PATH=$PATH:/usr/sbin:/usr/local/sbin
servers=
pids=()

# Whether it lets us in, and can do what the tests ask of it.
lets_in() {
  timeout 10 node --input-type=module - "$1" "${url[$1]}" <<'JS' 2>/dev/null
const [, , id, url] = process.argv;
const tries = {
  async postgres() {
    const { Client } = await import('pg');
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 });
    await client.connect();
    await client.query('SELECT 1');
  },
  async mysql() {
    const { createConnection } = await import('mysql2/promise');
    await (await createConnection({ uri: url, connectTimeout: 3000 })).query('SELECT 1');
  },
  async redis() {
    const { createClient } = await import('redis');
    const client = createClient({ url, socket: { connectTimeout: 3000, reconnectStrategy: false } });
    await client.connect();
    await client.ping();
  },
  async nats() {
    const { connect } = await import('@nats-io/transport-node');
    const { jetstreamManager } = await import('@nats-io/jetstream');
    await jetstreamManager(await connect({ servers: url, timeout: 3000, reconnect: false }));
  },
};
tries[id]().then(() => process.exit(0), () => process.exit(1));
JS
}

program_of() {
  case $1 in
    postgres) find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1 | grep . ;;
    mysql) command -v mariadbd ;;
    redis) command -v redis-server ;;
    nats) command -v nats-server ;;
  esac
}

# Sets `command` to what runs the rest as that user: PostgreSQL and MariaDB refuse to run as root.
as_user() {
  local user=$1
  command=("${@:2}")
  if ((EUID == 0)); then command=(setpriv --reuid="$user" --regid="$user" --clear-groups "${command[@]}"); fi
}

run_as() {
  local command
  as_user "$@"
  "${command[@]}"
}

in_background() {
  local command
  as_user "$@"
  "${command[@]}" >"$servers/log.${#pids[@]}" 2>&1 &
  pids+=("$!")
}

start_postgres() {
  local port=54329 folder=$servers/postgres programs
  programs=$(program_of postgres)
  run_as postgres "$programs/initdb" -A trust -U postgres -D "$folder" >/dev/null || return
  in_background postgres "$programs/postgres" -D "$folder" -p $port -k "$folder" -c listen_addresses=127.0.0.1
  url[postgres]=postgres://postgres@127.0.0.1:$port/postgres
  export BACKPLANE_TEST_POSTGRES=${url[postgres]}
}

start_mysql() {
  local port=33069 folder=$servers/mysql
  run_as mysql mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db \
    --datadir="$folder" >/dev/null || return
  in_background mysql mariadbd --no-defaults --datadir="$folder" --port=$port --bind-address=127.0.0.1 \
    --socket="$folder/socket" --pid-file="$folder/pid"
  url[mysql]=mysql://root@127.0.0.1:$port/mysql
  export BACKPLANE_TEST_MYSQL=${url[mysql]}
}

start_redis() {
  local port=63799
  in_background redis redis-server --bind 127.0.0.1 --port $port --save '' --appendonly no --dir "$servers/redis"
  url[redis]=redis://127.0.0.1:$port
  export BACKPLANE_TEST_REDIS=${url[redis]}
}

start_nats() {
  local port=42229
  in_background nats nats-server -a 127.0.0.1 -p $port -js -sd "$servers/nats"
  url[nats]=nats://127.0.0.1:$port
  export BACKPLANE_TEST_NATS=${url[nats]}
}

# Prints the Debian packages of servers that neither let us in nor are installed. Of PostgreSQL tests start one themselves.
missing_servers() {
  local id
  for id in "${!url[@]}"; do
    if [[ $id != postgres ]] && lets_in "$id"; then continue; fi
    program_of "$id" >/dev/null || printf '%s\n' "${package[$id]}"
  done
}

# Starts what does not let us in; fails where one of them does not come up.
start_servers() {
  local id
  for id in "${!url[@]}"; do
    if lets_in "$id"; then continue; fi
    if [[ ! $servers ]]; then
      servers=$(mktemp -d)
      chmod 755 "$servers"
      mkdir "$servers"/{postgres,mysql,redis,nats}
      local user
      if ((EUID == 0)); then for user in postgres mysql redis nats; do chown "$user:" "$servers/$user" 2>/dev/null; done; fi
    fi
    "start_$id" && comes_up "$id" || {
      printf 'No %s could be started\n' "$id" >&2
      cat "$servers"/log.* >&2
      return 1
    }
  done
}

comes_up() {
  local try
  for try in {1..30}; do
    if lets_in "$1"; then return; fi
    sleep 1
  done
  return 1
}

stop_servers() {
  if ((${#pids[@]} > 0)); then
    kill "${pids[@]}" 2>/dev/null
    wait "${pids[@]}" 2>/dev/null
  fi
  if [[ $servers ]]; then rm -rf "$servers"; fi
}
