/** Why events, or dead letters, are gone, and what is said of it. */
export const lossMessages = {
  'no-room': 'Events were dropped: there are more waiting than there is room for',
  'too-old': 'Events were dropped: nobody has handled them in time',
  deleted: 'Events were dropped: somebody has deleted them from the transport',
  'no-event': 'Messages were dropped that are no events: see to who else publishes to the transport',
  'dead-no-room': 'Dead letters were dropped: there are more than there is room for',
  'dead-too-old': 'Dead letters were dropped: nobody has had them delivered again in time',
} as const;

export type LossReason = keyof typeof lossMessages;
