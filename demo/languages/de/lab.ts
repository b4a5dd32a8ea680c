/** @file German text of the view Lab. */

import type { lab as english } from '../en/lab.ts'

export const lab: typeof english = {
  tools: {
    compare: 'Mehrere Antworten auf eine Frage, nebeneinander.',
    structured: 'Antworten, die sich an ein Formular halten.',
    state: 'Woran sich das Modell erinnert, als Bild, und Lesezeichen davon.',
    bench: 'Wie schnell dieses Gerät ist.',
    about: 'Was diese Seite ist und worauf sie läuft.',
  },
  intro: 'Drei Versuche, die zeigen, wozu ein Zustand von fester Größe gut ist.',
  under: (share) => `unter ${share}`,
  cancel: 'Abbrechen',
  inNumbers: 'In Zahlen',

  cost: {
    title: 'Was ein Token kostet',
    about:
      'Das Modell schreibt, und jedes Token wird gemessen. Ein Transformer behält Schlüssel und Werte jedes Tokens, das er gesehen hat (seinen KV-Cache); diese Linie ist berechnet, für einen mit ebenso vielen Schichten und Kanälen, in f16. Der Zustand dieses Modells ist gemessen.',
    length: 'Token',
    run: 'Schreiben',
    step: (done, all, rate) => `${done} von ${all} Token · ${rate} ms je Token`,
    timeLabel: 'Millisekunden je Token über den geschriebenen Token. Die Zahlen stehen in der Tabelle darunter.',
    memoryLabel:
      'Kilobyte, die eine Unterhaltung braucht, über den geschriebenen Token: der Zustand dieses Modells, gemessen, und KV-Caches, berechnet oder gezählt. Die Zahlen stehen in der Tabelle darunter.',
    tokens: 'Geschriebene Token',
    ms: 'ms je Token',
    kilobytes: 'KB',
    state: 'Zustand, gemessen',
    cache: 'KV-Cache, berechnet',
    gpu: 'Belegter Speicher',
    table: 'Kosten eines Tokens, nach geschriebenen Token',
    early: 'ms je Token, erstes Zehntel',
    late: 'ms je Token, letztes Zehntel',
    grown: 'Byte Speicher mehr',
    ran: (name, tokens) => `${name}: ${tokens} Token.`,

    other: {
      title: 'Mit einem Transformer vergleichen',
      about:
        'Ein anderes Modell, ausgeführt von einer anderen Bibliothek (transformers.js), schreibt ebenso viele Token: Jedes wird in seinem Worker gemessen, und die Byte seines KV-Caches werden an seinen Tensoren gezählt. Wie schnell die beiden sind, sagt etwas über Modelle und Bibliotheken zugleich; es kommt darauf an, wie sie wachsen. Seine Dateien kommen vom Hugging Face Hub, wenn Sie den Knopf drücken, und bleiben in diesem Browser. Was es schreibt, wird nicht gezeigt.',
      model: 'Modell auf dem Hub',
      device: 'Läuft auf',
      devices: { wasm: 'WASM, ein Thread', webgpu: 'WebGPU' },
      format: 'Gewichte',
      sizes:
        'Ein Repository mit ONNX-Dateien für transformers.js. Das vorgeschlagene hat 135 Millionen Parameter; das sind je nach Format der Gewichte 0,1 bis 0,7 GB zum Herunterladen, und 27 MB mehr für die Bibliothek. Wie viel es genau ist, steht dabei, während es kommt.',
      run: 'Laden und schreiben',
      starting: 'Die Bibliothek startet und fragt nach den Dateien',
      fetching: (done, all) => `${done} von ${all} geladen`,
      preparing: 'Wird vorbereitet',
      failed: (model, why) => `${model} konnte nicht ausgeführt werden. ${why}`,
      forget: 'Seine Dateien aus diesem Browser löschen',
      ms: 'ms je Token, Transformer',
      cache: 'KV-Cache des Transformers, gezählt',
      kept: 'KV-Cache am Ende',
      ran: (name, tokens, prompt) => `${name}: ${tokens} Token nach einem Prompt von ${prompt}.`,
      context: (tokens) => `Es kann ${tokens} halten.`,
      full: (tokens) => `Es kann ${tokens} halten und nicht mehr, also endete es dort.`,
    },
  },

  evaluate: {
    title: 'Perplexität eines Textes',
    about:
      'Das Modell liest den Text und bewertet jedes Token danach, wie wahrscheinlich es war. Je unwahrscheinlicher, desto kräftiger die Farbe.',
    text: 'Text',
    run: 'Bewerten',
    step: (done, all) => `${done} von ${all} Token`,
    tokens: 'bewertete Token',
    perplexity: 'Perplexität',
    perToken: 'nats je Token',
    perByte: 'nats je Byte',
    reader: 'Der Text, gefärbt nach Überraschung. Mit den Pfeiltasten geht es von Token zu Token.',
    choose: 'Zeigen Sie auf ein Token, oder gehen Sie sie mit den Pfeiltasten durch.',
    token: (token, probability, nats) => `„${token}“: ${probability} wahrscheinlich, ${nats} nats Überraschung`,
    first: (token) => `„${token}“: das erste Token, das nicht bewertet wird`,
    table: (shown, all) => `Token der Reihe nach, ${shown} von ${all}`,
    tokenHead: 'Token',
    probability: 'Wahrscheinlichkeit',
    surprise: 'nats',

    lambada: 'LAMBADA',
    lambadaAbout:
      'Passagen, deren letztes Wort vorherzusagen ist: eine .jsonl-Datei, jede Zeile {"text": "…"}. Sie wird hier gelesen und geht nirgendwohin.',
    file: '.jsonl-Datei öffnen',
    passages: (done, all, accuracy) => `${done} von ${all} Passagen · ${accuracy} richtig`,
    noPassages: 'In dieser Datei ist keine Passage; erwartet werden Zeilen der Form {"text": "mehrere Wörter"}.',
    badLine: (line) => `Zeile ${line} ist keine Passage; erwartet wird {"text": "mehrere Wörter"}.`,
    accuracy: 'der letzten Wörter richtig',
    lastPerplexity: 'Perplexität der letzten Wörter',
    done: 'Passagen',
  },

  ask: {
    title: 'Einmal lesen, vieles fragen',
    about:
      'Das Dokument geht einmal durch das Modell. Dann beginnt jede Frage mit einer Kopie des Zustands, den es hinterließ, und alle werden gleichzeitig beantwortet.',
    document: 'Dokument',
    questions: 'Fragen, eine je Zeile',
    run: 'Lesen und fragen',
    reading: 'Das Dokument wird gelesen',
    answering: (done, all) => `${done} von ${all} beantwortet`,
    noQuestions: 'Schreiben Sie mindestens eine Frage.',
    read: 'Token des Dokuments, einmal gelesen',
    kept: 'vorher gelesen, nicht noch einmal',
    fed: 'Token für alle Fragen zusammen',
    instead: 'Token, hätte jede es gelesen',
    fedFor: (tokens, ms) => `${tokens} Token gelesen · ${ms} ms bis zum ersten Wort`,
    waiting: 'wartet, bis es an der Reihe ist',
  },
}
