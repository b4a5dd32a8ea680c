/** @file The one class of the library that is used, so that a build leaves out the others. Fetched when it is needed. */

export { Tokenizer } from '@huggingface/tokenizers'
