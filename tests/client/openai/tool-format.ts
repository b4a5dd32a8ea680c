import type { ToolFormat } from '../../../src/core/protocol.ts'

/** A made-up way of calling tools. */
export const toolFormat: ToolFormat = {
  present: 'Tools:\n{tools}\n\n',
  callStart: '<call>',
  callEnd: '</call>',
  result: 'Result: {text}\n\n',
}
