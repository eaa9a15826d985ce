/**
 * How long what happens at once may take on a machine that has other things to do, in ms. Whatever would have to be
 * waited for instead (a delay of the stop, a deadline, a request that is held) takes 5 s or more, or is asked for apart.
 */
export const atOnce = 2_500;
