// What a step works on. Token rows of all batch entries lie one after the other, entry by entry.

struct Row {
  id: u32,                       // token id
  entry: u32,                    // batch entry it belongs to
  position: u32,                 // 0 … T-1 within its entry
}

struct Entry {
  slot: u32,                     // of the state pool
  first_row: u32,
  rows: u32,                     // T, may differ between entries
}
