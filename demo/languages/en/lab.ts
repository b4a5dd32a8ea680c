/** @file English text of the view Lab. */

export const lab = {
  /** What one finds in each of the views beside this one. */
  tools: {
    compare: 'Several answers to one question, side by side.',
    structured: 'Replies that keep to a form of yours.',
    state: 'What the model remembers, drawn, and bookmarks of it.',
    bench: 'How fast this device is.',
    about: 'What this page is, and what it runs on.',
  },
  intro: 'Three things to try that show what a state of constant size is good for.',
  under: (share: string) => `under ${share}`,
  cancel: 'Cancel',
  inNumbers: 'In numbers',

  cost: {
    title: 'What a token costs',
    about:
      'The model writes, and each token is timed. A transformer keeps keys and values of every token it has seen (its KV cache); that line is computed, for one with as many layers and channels, in f16. The state of this model is measured.',
    length: 'Tokens',
    run: 'Write',
    step: (done: string, all: string, rate: string) => `${done} of ${all} tokens · ${rate} ms a token`,
    timeLabel: 'Milliseconds a token against tokens written. The numbers are in the table below.',
    memoryLabel:
      'Kilobytes that a conversation takes against tokens written: this model’s state, measured, and KV caches, computed or counted. The numbers are in the table below.',
    tokens: 'Tokens written',
    ms: 'ms a token',
    kilobytes: 'KB',
    state: 'State, measured',
    cache: 'KV cache, computed',
    gpu: 'Memory in use',
    table: 'Cost of a token, by tokens written',
    early: 'ms a token, first tenth',
    late: 'ms a token, last tenth',
    grown: 'bytes of memory grown',
    ran: (name: string, tokens: string) => `${name}: ${tokens} tokens.`,

    other: {
      title: 'Compare with a transformer',
      about:
        'Another model, run by another library (transformers.js), asked for as many tokens: each is timed in its worker, and the bytes of its KV cache are counted from its tensors. How fast the two are says something of models and libraries alike; how they grow is the point. Its files come from the Hugging Face Hub when you press the button, and stay in this browser. What it writes is not shown.',
      model: 'Model on the Hub',
      device: 'Runs on',
      devices: { wasm: 'WASM, one thread', webgpu: 'WebGPU' },
      format: 'Weights',
      sizes:
        'A repository with ONNX files for transformers.js. The one suggested has 135 million parameters; that is 0.1 to 0.7 GB to download, by the format of its weights, and 27 MB more for the library. How much it is exactly is told while it comes.',
      run: 'Load and write',
      starting: 'Starting the library, asking for the files',
      fetching: (done: string, all: string) => `${done} of ${all} fetched`,
      preparing: 'Getting it ready',
      failed: (model: string, why: string) => `${model} could not be run. ${why}`,
      forget: 'Delete its files from this browser',
      ms: 'ms a token, transformer',
      cache: 'KV cache of the transformer, counted',
      kept: 'KV cache at the end',
      ran: (name: string, tokens: string, prompt: string) => `${name}: ${tokens} tokens after a prompt of ${prompt}.`,
      context: (tokens: string) => `It can hold ${tokens}.`,
      full: (tokens: string) => `It can hold ${tokens} and no more, so it ended there.`,
    },
  },

  evaluate: {
    title: 'Perplexity of a text',
    about:
      'The model reads the text and scores each token by how probable it was. The less probable, the stronger its colour.',
    text: 'Text',
    run: 'Evaluate',
    step: (done: string, all: string) => `${done} of ${all} tokens`,
    tokens: 'tokens scored',
    perplexity: 'perplexity',
    perToken: 'nats a token',
    perByte: 'nats a byte',
    reader: 'The text, coloured by surprise. Arrow keys go from token to token.',
    choose: 'Point at a token, or go through them with the arrow keys.',
    token: (token: string, probability: string, nats: string) =>
      `“${token}”: ${probability} probable, ${nats} nats of surprise`,
    first: (token: string) => `“${token}”: the first token, which is not scored`,
    table: (shown: string, all: string) => `Tokens in order, ${shown} of ${all}`,
    tokenHead: 'Token',
    probability: 'Probability',
    surprise: 'Nats',

    lambada: 'LAMBADA',
    lambadaAbout:
      'Passages whose last word is to be predicted: a .jsonl file, each line {"text": "…"}. It is read here and goes nowhere.',
    file: 'Open a .jsonl file',
    passages: (done: string, all: string, accuracy: string) => `${done} of ${all} passages · ${accuracy} right`,
    noPassages: 'There is no passage in this file; expected lines of the form {"text": "several words"}.',
    badLine: (line: number) => `Line ${line} is no passage; expected {"text": "several words"}.`,
    accuracy: 'of last words right',
    lastPerplexity: 'perplexity of last words',
    done: 'passages',
  },

  ask: {
    title: 'Read once, ask many',
    about:
      'The document goes through the model once. Then every question starts from a copy of the state that it left, and all of them are answered at the same time.',
    document: 'Document',
    questions: 'Questions, one a line',
    run: 'Read and ask',
    reading: 'Reading the document',
    answering: (done: string, all: string) => `${done} of ${all} answered`,
    noQuestions: 'Write at least one question.',
    read: 'tokens of the document, read once',
    kept: 'read before, not read again',
    fed: 'tokens fed for all questions',
    instead: 'tokens, had each read it',
    fedFor: (tokens: string, ms: string) => `${tokens} tokens fed · ${ms} ms to the first word`,
    waiting: 'waits for its turn',
  },
}
