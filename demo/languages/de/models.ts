/** @file German text of the view Models. */

import type { models as english } from '../en/models.ts'

export const models: typeof english = {
  intro:
    'Modelle, die hier laufen. Ein Download wird auf diesem Gerät gespeichert, geht weiter, wo er abbrach, und wird geprüft; angefordert werden nur die Dateien des Modells.',
  asking: 'Die Dateien werden angefragt',
  left: (duration) => `noch ${duration}`,
  hours: (hours) => `${hours} h`,
  inOne: (format) => `in ${format}`,
  inSeveral: (most, others) => `die meisten in ${most}, die übrigen in ${others}`,

  andLarger: (name) => `${name} und größer`,
  builtIn: 'Kommt mit der Seite: erzählt kurze Geschichten auf Englisch, auf jedem Gerät.',
  chats: (size, format) => `Gespräche in über hundert Sprachen; ${size} Parameter, ${format}.`,
  chatsFrom: (size, format) =>
    `Gespräche in über hundert Sprachen; ab ${size} Parametern, ${format}. Die Seite zeigt die Dateien zur Auswahl.`,
  continues: (size, format) =>
    `Setzt englischen Text fort, nicht für Gespräche trainiert; ${size} Parameter, ${format}.`,

  current: 'Aktiv',
  inUse: (name, bytes, weights) => `Aktiv: ${name}. Die Gewichte brauchen ${bytes}, ${weights}.`,
  forThisDevice: 'Empfohlen für dieses Gerät',
  fitsHere: { fits: 'passt hier', 'does not fit': 'passt hier nicht', 'not tested': 'passt hier vielleicht' },
  hub: 'Vom Hugging Face Hub',
  hubAbout:
    'So, wie ihre Autoren sie veröffentlicht haben: Ihre Art ist hier getestet, nicht jede dieser Dateien, und die Prüfsumme, mit der ein Download verglichen wird, ist die des Hubs.',
  muchToDownload: (size) => `Heruntergeladen werden ${size}. Im Mobilfunknetz kann das Geld kosten.`,
  unknownSize: 'Wie groß das ist, sagt niemand. Im Mobilfunknetz kann es Geld kosten.',
  goOn: 'Herunterladen',
  own: 'Aus einer Ihrer Dateien.',
  about: (size, license) => `${size} zum Herunterladen · Lizenz: ${license}`,
  absent: 'Nicht auf diesem Gerät',
  partly: (here, all) => `${here} von ${all} sind auf diesem Gerät`,
  kept: (size) => `Auf diesem Gerät, ${size}`,
  open: 'Öffnen',
  openIn: (weights, name) => `Mit Gewichten in ${weights} öffnen: ${name}`,
  download: 'Herunterladen',
  resume: 'Fortsetzen',
  pause: 'Pause',
  cancel: 'Abbrechen',
  remove: 'Löschen',
  reallyRemove: 'Wirklich löschen?',
  of: (action, name) => `${action}: ${name}`,
  progressOf: (name) => `Download von ${name}`,
  paused: (progress) => `Angehalten bei ${progress}`,

  needs: (least, most) => `Braucht ${least} bis ${most} Speicher`,
  needsTable: (name) => `Speicher, den ${name} braucht`,
  weights: 'Gewichte',
  memory: 'Speicher',
  fits: 'Hier',
  ownFormat: (format) => `${format}, wie in der Datei`,
  recommended: (format) => `${format}, empfohlen`,
  fit: { fits: 'passt', 'does not fit': 'passt nicht', 'not tested': 'nicht getestet' },

  other: 'Ein anderes Modell',
  otherAbout:
    'RWKV-4, 5, 6 oder 7, wie es veröffentlicht ist: ein Repository oder eine Datei des Hugging Face Hubs (hf:owner/repo/file.pth), eine Adresse auf dem Server dieser Seite oder eigene Dateien, die bleiben, wo sie sind.',
  address: 'Name oder Adresse',
  add: 'Hinzufügen',
  addFailed: 'Geben Sie einen Namen wie hf:owner/repo oder eine Adresse an.',
  files: 'Modelldateien öffnen',
  filesHint: 'oder ziehen Sie sie irgendwo auf die Seite: die Gewichte und, falls vorhanden, das Vokabular.',
  yours: 'Über die Adresse hinzugefügt.',
  unknownLicense: 'siehe seine Seite',

  startState: 'Startzustand',
  startStateAbout:
    'Womit neue Unterhaltungen mit dem aktiven Modell beginnen. State-Tuning erzeugt solche Dateien (time_state, .pth oder .st); jede gehört zu dem Modell, für das sie trainiert wurde.',
  beginWith: 'Beginnen mit',
  ownState: 'Wie das Modell',
  addState: 'Startzustand hinzufügen',

  room: 'Was hier passt',
  roomOfCpu: (bytes) =>
    `Das aktive Modell läuft auf der CPU; WebAssembly gibt einem Modell dort höchstens ${bytes}, soweit dieses Gerät sie hat.`,
  gpuAbout:
    'WebGPU sagt nicht, wie viel Speicher eine GPU hat, aber die Seite kann es probieren: Sie belegt Speicher in wachsenden Schritten und gibt ihn sofort wieder frei.',
  try: 'Ausprobieren',
  trying: (size) => `${size} werden probiert`,
  noGpu: 'Hier gibt es kein WebGPU.',
  roomOfSoftware:
    'Der Adapter ist Software: Er nimmt den Arbeitsspeicher dieses Computers, darum wurde nichts probiert.',
  roomAll: (given) => `${given} waren frei, mehr wurde nicht probiert.`,
  roomFound: (given, refused) => `${given} waren frei, ${refused} nicht.`,
  roomNone: (refused) => `Nicht einmal ${refused} waren frei.`,

  storage: 'Speicherplatz',
  used: 'Von dieser Seite belegt',
  may: 'Vom Browser erlaubt',
  notTold: 'nicht bekannt',
  persist: 'Den Browser bitten, alles zu behalten',
  persistAbout:
    'Ein Browser darf löschen, was eine Seite speichert, wenn der Platz knapp wird, es sei denn, er hat zugesagt, es nicht zu tun.',
  persisted: 'Der Browser hat zugesagt, nichts zu löschen.',
  notPersisted:
    'Der Browser sagt es nicht zu. Wenn Sie diese Seite als App installieren oder ein Lesezeichen setzen, ändert sich das vielleicht.',
}
