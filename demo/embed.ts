import '../src/element/index.ts'
