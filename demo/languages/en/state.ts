/** @file English text of the view State. */

export const state = {
  intro:
    'The model’s memory of this conversation is the block of numbers below. It has a fixed size: it does not grow with the next message, nor with the thousandth.',
  empty:
    'Nothing has been said yet, so all of it is what a conversation begins with. Say something in the chat, and see here what that leaves.',

  over: (tokens: string) => `over ${tokens}`,

  size: 'Size',
  bytes: 'bytes, constant',
  shape: 'layers × rows × channels',
  read: 'tokens in it so far',

  map: 'Layers and channels',
  mapAbout:
    'A line for each layer, a column for each channel; colour is the value, against the largest of its layer. It is redrawn while a reply is made.',
  row: 'Show',
  /** What rows of a state are, by their names; an engine may have others. */
  rows: {
    attX: 'Last token, for time-mix',
    ffnX: 'Last token, for channel-mix',
    s: 'Values by key, a matrix a head',
    'aa / bb': 'Mean of values',
    aa: 'Numerator of WKV',
    bb: 'Denominator of WKV',
    pp: 'Exponent of both',
  },
  mapLabel: (row: string, layers: number, channels: number) =>
    `Heat map of the state: ${row}, ${layers} layers by ${channels} channels. The numbers are in the table below.`,
  layer: 'Layer',
  channel: 'Channel',
  value: 'Value',
  below: 'below 0',
  above: 'above 0',
  byLayer: 'In numbers, by layer',
  least: 'Least',
  most: 'Most',
  norm: 'Norm',

  matrix: 'A head’s matrix',
  matrixAbout:
    'What a head holds: a line for each key channel, a column for each value channel; colour is the value, against the largest. A value is found again by a key like the one it was stored under.',
  matrixLabel: (layer: number, head: number, size: number) =>
    `Heat map of the matrix of head ${head} in layer ${layer}, ${size} key channels by ${size} value channels. A number of it is told by the fields below.`,
  head: 'Head',
  key: 'Key channel',
  valueChannel: 'Value channel',

  life: 'How long a layer remembers',
  lifeAbout:
    'Each channel forgets at a rate of its own, which was learnt: after its half-life, half of what it holds is left. Channels of a layer in the order of their half-lives.',
  lifeLabel:
    'Half-life in tokens of each layer’s channels, from the most forgetful to the longest. The numbers are in the table below.',
  channels: 'Channels, in % of the layer',
  halfLife: 'Half-life in tokens',
  layerName: (layer: number) => `Layer ${layer}`,
  lifeTable: 'Half-lives in tokens, by layer',
  boundsAbout:
    'Each token decides how fast the channels of its keys fade, within bounds that were learnt: the half-life of a channel lies between its least and its most. Of each, the shortest, median and longest of a layer’s channels.',
  boundsLabel:
    'Least and most half-life in tokens that channels can have, by layer. The numbers are in the table below.',
  bounds: [
    'Least, shortest',
    'Least, median',
    'Least, longest',
    'Most, shortest',
    'Most, median',
    'Most, longest',
  ] as readonly [string, string, string, string, string, string],
  shortest: 'Shortest',
  median: 'Median',
  longest: 'Longest',

  fade: 'What a message changed, and how it fades',
  fadeAbout:
    'How much of each layer’s sums came with which message, as a share, the mean over channels. What is not listed is older, or of the opening.',
  fadeNone: 'Nothing was said yet. Say something in the chat, and see here what it left.',
  fadeBusy: 'It is counted when the reply has ended.',
  fadeTable: 'Share of the state by message, now',
  fadeOf: 'Follow',
  fadeLabel: (message: string) =>
    `How the share of “${message}” in each layer fell as the conversation went on. The numbers are in the table below.`,
  later: 'Tokens of the conversation',
  share: 'Share in %',
  messages: { user: 'You', assistant: 'Reply', text: 'Text' },
  fadeAt: (tokens: string) => `at ${tokens} tokens`,
  fadeSteps: (message: string) => `Share of “${message}” as the conversation went on`,

  bookmarks: 'Bookmarks',
  bookmarksAbout:
    'A bookmark is this conversation with its state, under a name. Opening it goes on from there, as a new conversation, without reading anything again.',
  name: 'Name',
  keep: 'Keep this state',
  keptAs: (name: string) => `${name} was kept.`,
  refused: 'This browser keeps nothing for this page, so bookmarks can only be saved to files.',
  noBookmarks: 'There are none yet.',
  open: 'Open',
  save: 'Save to a file',
  share2: 'Share',
  remove: 'Delete',
  of: (action: string, name: string) => `${action}: ${name}`,
  saveCurrent: 'Save this state to a file',
  load: 'Load from a file',
  heldWith: (size: string, model: string, at: string) => `${size} · ${model} · ${at}`,
  removed: (name: string) => `${name} was deleted.`,
}
