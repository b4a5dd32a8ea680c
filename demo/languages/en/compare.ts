/** @file English text of the view Compare. */

export const compare = {
  title: 'Compare',
  about:
    'The question is read once. Every answer starts from a copy of the same state, which takes no time, and all of them are written together.',
  modesLabel: 'What to compare',
  modes: { answers: 'Several answers', settings: 'Two settings' },
  question: 'Question',
  placeholder: 'Write a message',
  count: 'Answers',
  place: (messages: number): string =>
    messages === 0 ? 'Asked in a new conversation.' : 'Asked as the next message of this conversation.',
  inPlace: 'Asked at its place in the conversation. The answer you keep begins a branch; what was said there stays.',
  temperature: 'Temperature',
  topP: 'Top-p',
  setting: (letter: string) => `Setting ${letter}`,
  ask: 'Ask',
  stop: 'Stop',
  answer: (place: number) => `Answer ${place + 1}`,
  keep: 'Keep this one',
  writing: 'The answers are being written.',
  done: 'All answers are complete. Keep one, or ask again.',
}
