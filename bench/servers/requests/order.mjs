/** What is posted, about 1 KiB of JSON, and what it has to look like. */
export const order = {
  customer: 'Ada Lovelace',
  items: Array.from({ length: 16 }, (_, index) => ({
    id: index,
    label: `item number ${index}, in a box`,
    price: 12.5,
  })),
};

export const orderSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['customer', 'items'],
  properties: {
    customer: { type: 'string' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'label', 'price'],
        properties: { id: { type: 'integer' }, label: { type: 'string' }, price: { type: 'number' } },
      },
    },
  },
};

export const helloSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['hello'],
  properties: { hello: { type: 'string' } },
};

/** The other routes of each plugin: nobody asks for them, but they are in the way. */
export const otherRoutes = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8'];
