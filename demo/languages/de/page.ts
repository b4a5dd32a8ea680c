/** @file German text of the chat page. */

import type { page as english } from '../en/page.ts'

export const page: typeof english = {
  title: 'rwkv.js',
  menu: 'Menü',

  viewsLabel: 'Ansichten',
  views: {
    chat: 'Chat',
    compare: 'Vergleich',
    state: 'Zustand',
    models: 'Modelle',
    lab: 'Labor',
    bench: 'Tempo',
    structured: 'Formular',
    settings: 'Einstellungen',
    about: 'Info',
  },
  viewNotFetched: (title) =>
    `${title} konnte nicht geladen werden. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.`,
  viewFailed: (title, why) => `${title} konnte nicht geöffnet werden: ${why}`,

  noModel: {
    coming: 'Das Modell ist noch nicht geladen.',
    failed: 'Das Modell konnte nicht geladen werden. Den Grund nennt der Chat.',
    unsupported: 'Dieser Browser kann kein Modell ausführen. Was zu tun ist, steht im Chat.',
  },

  welcome: {
    title: 'Ein Modell, das auf diesem Gerät läuft',
    about: {
      storyteller:
        'storyteller ist ein sehr kleines Modell und spricht nur Englisch. Es erzählt kurze Kindergeschichten und kennt ein paar einfache Tatsachen; es bringt Namen durcheinander und ist kein Assistent. Größere gibt es unter „Modelle“.',
      chats: (name) =>
        `${name} beantwortet Fragen und schreibt Texte in den Sprachen, die es gelernt hat, am besten auf Englisch. Es kann sich irren, auch wenn es sicher klingt.`,
      continues: (name) =>
        `${name} ist nicht für Gespräche trainiert: Es setzt einen Text fort, den Sie beginnen, am besten auf Englisch.`,
    },
    privacy: 'Es läuft in dieser Seite. Was Sie schreiben, verlässt das Gerät nicht.',
    suggestionsLabel: 'Vorschläge für den Anfang',
  },

  conversations: 'Unterhaltungen',
  search: 'Unterhaltungen durchsuchen',
  nothingFound: 'Nichts gefunden.',
  found: (count) => (count === 1 ? '1 Unterhaltung gefunden' : `${count} Unterhaltungen gefunden`),
  branches: 'Zweige',
  newBranch: 'Neuer Zweig',
  parted:
    'Diese Unterhaltung wurde in einem anderen Tab geändert oder gelöscht. Was Sie hier schreiben, geht in einem eigenen Zweig oder einer eigenen Unterhaltung weiter.',
  unknownConversation: 'Diese Unterhaltung liegt nicht auf diesem Gerät oder gehört zu einem anderen Modell.',
  exchange: 'Export und Import',
  edit: 'Bearbeiten',
  editedMessage: 'Ihre Nachricht',
  sendEdited: 'Senden',
  cancel: 'Abbrechen',
  previousVersion: 'Vorige Fassung',
  nextVersion: 'Nächste Fassung',
  version: (place, all) => `${place} / ${all}`,
  branchFromHere: 'Hier abzweigen',
  compare: 'Vergleichen',
  forking: 'Sie sind wieder an dieser Stelle. Was danach kam, bleibt in seinem eigenen Zweig.',
  goBack: 'Zurück',
  keyboardShortcuts: 'Tastenkürzel',
  noConversations: 'Ihre Unterhaltungen werden hier aufbewahrt, auf diesem Gerät.',
  newConversation: 'Neue Unterhaltung',
  rename: (title) => `${title} umbenennen`,
  newName: 'Neuer Name',
  remove: (title) => `${title} löschen`,
  removed: (title) => `„${title}“ wurde gelöscht.`,
  undo: 'Rückgängig',

  openFiles: 'Modelldateien öffnen',
  guess: {
    about:
      'Dieses Modell sagt nicht, in welchem Format es Gespräche gelernt hat; das Format ist geraten. Wenn die Antworten seltsam aussehen, wählen Sie ein anderes:',
    format: 'Prompt-Format',
    formats: {
      guess: 'Wie geraten',
      userAssistant: 'User, Assistant',
      questionAnswer: 'Question, Answer',
      bobAlice: 'Bob, Alice',
      plain: 'Reiner Text',
    },
  },
  own: {
    opening: (name) => `${name} wird geöffnet`,
    refused: (name, why) => `${name} konnte nicht geöffnet werden: ${why}`,
    notIn: (name) => `${name} wird nicht verwendet.`,
    backTo: (name) => `Zurück zu ${name}`,
    offer: (name, size) =>
      `${name} auf diesem Gerät behalten? Das braucht ${size}; beim nächsten Besuch ist das Modell dann schon da.`,
    keep: 'Behalten',
    keeping: 'Das Modell wird auf diesem Gerät gespeichert',
    copied: (done, all) => `${done} von ${all}`,
    kept: (name) => `${name} ist auf diesem Gerät gespeichert.`,
    notKept: (why) => `Das Modell konnte nicht gespeichert werden: ${why}`,
    gone: 'Dieses Modell liegt nicht mehr auf dem Gerät; hier ist stattdessen das mitgelieferte.',
  },
  copy: 'Kopieren',
  copied: 'Kopiert',
  notCopied: 'Der Browser hat das Kopieren nicht erlaubt. Markieren Sie den Text unten.',
  close: 'Schließen',
  you: 'Sie',
  modelName: 'Modell',

  exchanging: {
    title: 'Export und Import',
    about:
      'Unterhaltungen werden nur in diesem Browser aufbewahrt. Als Datei können Sie eine anderswo ablegen oder auf ein anderes Gerät mitnehmen.',
    export: 'Die angezeigte exportieren',
    nothing: 'In ihr wurde noch nichts gesagt.',
    markdown: 'Markdown',
    json: 'JSON',
    state: 'Mit Zustand',
    import: 'Importieren',
    reading: 'Die Unterhaltung wird gelesen',
    read: (messages, all) => `${messages} von ${all} Nachrichten gelesen`,
    cancel: 'Abbrechen',
    chooseFile: 'Datei wählen: JSON oder eine mit Zustand',
  },

  keys: { Enter: 'Eingabe', Shift: 'Umschalt', Esc: 'Esc', Alt: 'Alt', Ctrl: 'Strg' },
  shortcuts: {
    send: 'Nachricht senden',
    breakLine: 'Neue Zeile',
    stop: 'Antwort anhalten, Offenes schließen oder von einer früheren Stelle zurückkehren',
    editLast: 'Im leeren Nachrichtenfeld: die letzte Nachricht bearbeiten',
    regenerate: 'Letzte Antwort neu erzeugen',
    startNew: 'Neue Unterhaltung',
    next: 'Nächste Unterhaltung',
    previous: 'Vorige Unterhaltung',
    search: 'Unterhaltungen durchsuchen',
    write: 'Zum Nachrichtenfeld',
    help: 'Diese Hilfe; außerhalb von Feldern auch ?',
  },

  safeStart: {
    offer:
      'Die letzten zwei Male ist das Modell nicht gestartet, darum wartet es diesmal. Ein sicherer Start ist langsamer und fordert die GPU weniger.',
    start: 'Sicher starten',
  },

  leftGpu:
    'Die GPU ist ausgefallen, und der Browser gibt keine mehr heraus: Das Modell läuft jetzt auf der CPU. Ein Neustart des Browsers kann helfen.',

  notices: 'Hinweise',
  dismiss: 'Schließen',
  otherModel: 'Diese Seite wurde mit einem anderen als dem mitgelieferten Modell geöffnet.',
  severalModels: 'Hier liegen mehrere Modelle. Welches soll geöffnet werden?',
  choices: 'Modelle zur Auswahl',
  choice: (name, size) => `${name} · ${size}`,
  loadBuiltIn: 'Mitgeliefertes Modell laden',
  notKept: (isFull, reason) =>
    `${isFull ? 'Auf diesem Gerät ist kein Platz mehr.' : `Dieser Browser speichert gerade nichts (${reason}).`} Was nicht gespeichert werden kann, bleibt nur in diesem Tab und wird wieder versucht. Laden Sie die Unterhaltung herunter, bevor Sie ihn schließen.`,
  download: 'Herunterladen',
  update: 'Eine neue Version dieser Seite ist bereit.',
  updateNow: 'Aktualisieren',
  readyForOffline: 'Läuft auch offline',

  adapter: {
    unnamed: 'eine GPU, deren Namen der Browser nicht nennt',
    onlySoftware: 'Software statt einer GPU',
    software: (name) => `${name} (Software)`,
  },
  modelFacts: (model, bytes, weights) => `${model}, ${bytes} in ${weights}`,
  stateFacts: (bytes) => `Zustand von ${bytes} Byte, konstant`,
  status: 'Status',
  noStatus: 'Kein Modell',
  modelInUse: (name) => `${name}: das aktive Modell`,
  otherModels: 'Andere Modelle',
  aboutThis: 'Über diese Seite',
  software: 'Keine Grafikkarte ist im Einsatz: alles läuft, nur langsamer.',
  loadFailed: 'Das Modell konnte nicht geladen werden.',
  replyFailed: 'Die Antwort ist abgebrochen.',
  modelStopped: 'Das Modell ist stehen geblieben.',
  tryAgain: 'Noch einmal versuchen',

  unsupported: {
    title: 'Dieser Browser kann das Modell noch nicht ausführen',
    insecure:
      'Diese Seite wurde über einfaches http geöffnet. Browser bieten WebGPU nur über https oder von localhost an: Öffnen Sie sie so.',
    missing: 'Das Modell läuft auf WebGPU oder in WebAssembly mit SIMD, und dieser Browser bietet keines von beiden.',
    adviceLabel: 'Was Sie tun können',
    secureContext: 'In jedem Browser muss die Seite über https oder von localhost geöffnet werden.',
    browsers: {
      chrome: [
        'Chrome, Edge',
        'Aktualisieren Sie auf die neueste Version, unter Windows, macOS, ChromeOS oder Android. Schalten Sie in den Einstellungen unter „System“ die Grafikbeschleunigung ein und starten Sie den Browser neu.',
      ],
      chromeOnLinux: [
        'Chrome unter Linux',
        'Öffnen Sie diese Adressen, stellen Sie beide auf „Enabled“ und starten Sie den Browser neu:',
      ],
      safari: ['Safari', 'Aktualisieren Sie auf Safari 26 oder neuer; es kommt mit macOS 26, iOS 26 und iPadOS 26.'],
      firefox: [
        'Firefox',
        'Aktualisieren Sie auf die neueste Version, unter Windows oder auf einem Mac mit Apple-Chip. Auf anderen Systemen öffnen Sie about:config und setzen beide auf true:',
      ],
    },
  },
}
