// sample: draw an id from a row of logits, as src/sample/cpu-sampler.ts does. Long, since one dispatch does all of it.
//
//   score = logit + bias - (presence + frequency · count)      ids that may not be drawn left out
//   weight = exp(score - best score)
//   kept: the most probable ids that hold top_p of the weights, at most top_k of them, none that lies below `reach`
//   drawn: a kept id by weight^(1 / temperature), on the way from id 0 up; if greedy, the best, the lowest of equal ones
//
// Nothing is sorted. How far down ids are kept is searched for: a histogram of the scores, by weight and by number, tells
// the bin in which enough is held; this bin is divided again by the bits of its scores, until one score is left. Of ids
// with that score the lowest are kept. The draw finds the chunk of ids where it falls, then the chunk in that, down to one.
// Counts of a reply fade here too: the id that it drew last is counted when the next one is drawn.
// Workgroup: one row.
// Grid: (draws, 1, 1).
// Needs: shared/random.wgsl, shared/mass.wgsl.
// It is longer than other kernels because a draw is one dispatch: its parts share the row's workgroup memory.

override WORKGROUP: u32;

const BINS = 32u;                // few: SwiftShader compiles a store for every word of workgroup memory
const BINS_LOG2 = 5u;            // in the first division a bin is a nat, the last one is all that lies below
const IMPOSSIBLE = 0u;           // key of what cannot be drawn
const NOWHERE = 1e9;             // how far below the best that is
const SEEN = 0x80000000u;        // in a count: this id was drawn before
const UNCOUNTED = 0x80000000u;   // in the id of a bias: this id is not counted
const NOT_A_NUMBER = 0x80000000u; // in place of an id, with the id in question
const INFINITE = 0xc0000000u;
const NOTHING = 0xffffffffu;
const ALL = 0xffffffffu;         // as top_p: keeps all

struct Params {
  vocabulary: u32,               // V
  stride: u32,                   // u32s from one row of scores to the next
  mask_stride: u32,              // the same for masks
  bias_stride: u32,              // and biases
  replies: u32,                  // R
}

struct Draw {
  output: u32,                   // row of the logits
  reply: u32,
  index: u32,                    // place in the reply
}

struct Rules {
  seed_low: u32,
  seed_high: u32,
  stream: u32,
  greedy: u32,
  top_k: u32,                    // V and more keep all
  top_p: u32,                    // in units of 2^-32, or ALL
  reach: f32,                    // the most nats below the best that are kept
  sharpness: f32,                // 1 / temperature
  presence: f32,
  frequency: f32,
  decay: f32,
  biases: u32,                   // how many there are
}

struct Bias {
  id: u32,                       // with UNCOUNTED
  bias: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> draws: array<Draw>;        // (draws)
@group(0) @binding(2) var<storage, read> rules: array<Rules>;       // (R)
@group(0) @binding(3) var<storage, read> masks: array<u32>;         // (R, mask stride)  a bit an id: may be drawn
@group(0) @binding(4) var<storage, read> biases: array<Bias>;       // (R, bias stride)
@group(0) @binding(5) var<storage, read_write> scores: array<u32>;  // (O, stride)       f32 logits; left as keys
@group(0) @binding(6) var<storage, read_write> counts: array<u32>;  // (R, V)            f32, with SEEN
@group(0) @binding(7) var<storage, read_write> drawn: array<u32>;   // (R), (draws)      id by reply, and by draw

// The search for the lowest score that is kept. Kept: every id in a better bin, or in `bin` with a key above `high`.
struct Search {
  bin: u32,
  low: u32,                      // keys that it has come down to
  high: u32,
  shift: u32,                    // bits of them that a bin joins; 32 for the first division
  held: vec2u,                   // sum of the weights above
  wanted: vec2u,                 // what is to be held
  above: u32,                    // how many are above
  ties: u32,                     // ids to keep of those with the key `low`, if it has come down to one
}

// Where a draw falls.
struct Fall {
  lane: u32,                     // whose chunk
  ties: u32,                     // left to keep from there on
  left: vec2u,                   // weight from its beginning
}

var<workgroup> lane_mass: array<vec2u, WORKGROUP>;
var<workgroup> lane_count: array<u32, WORKGROUP>;
var<workgroup> bin_low: array<atomic<u32>, BINS>;
var<workgroup> bin_high: array<atomic<u32>, BINS>;
var<workgroup> bin_count: array<atomic<u32>, BINS>;
var<workgroup> search: Search;
var<workgroup> searching: u32;
var<workgroup> fall: Fall;

fn is_finite(bits: u32) -> bool {
  return (bits & 0x7fffffffu) < 0x7f800000u;
}

// f32 as a u32 of the same order, above IMPOSSIBLE; both zeros are one.
fn key_of(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) == 0u) {
    return 0x80000000u;
  }
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn score_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u));
}

// Nats below the best.
fn depth_of(key: u32, most: f32) -> f32 {
  return select(most - score_of(max(key, 0x00800000u)), NOWHERE, key == IMPOSSIBLE);
}

fn first_bin(depth: f32) -> u32 {
  return u32(min(depth, f32(BINS - 1u)));
}

fn weight_of(depth: f32) -> u32 {
  return u32(exp(-min(depth, 1000.0)) * ONE);
}

fn drawing_weight(depth: f32, rule: Rules) -> u32 {
  return select(0u, weight_of(depth * rule.sharpness), depth <= rule.reach);
}

// 0 if the id is kept, 1 if the search is still undecided about ids of this key, 2 if it is not kept.
fn place_of(key: u32, depth: f32, found: Search) -> u32 {
  let bin = first_bin(depth);
  if (bin != found.bin || key > found.high) {
    return select(2u, 0u, bin <= found.bin);
  }
  return select(2u, 1u, key >= found.low);
}

fn bin_of(key: u32, depth: f32, found: Search) -> u32 {
  if (found.shift == 32u) {
    return first_bin(depth);
  }
  return select(BINS, (found.high - key) >> found.shift, place_of(key, depth, found) == 1u);
}

fn mass_of(bin: u32) -> vec2u {
  return vec2u(atomicLoad(&bin_low[bin]), atomicLoad(&bin_high[bin]));
}

fn is_enough(held: vec2u, count: u32, wanted: vec2u, rule: Rules) -> bool {
  return count >= rule.top_k || !is_less(held, wanted);
}

// Down to the bin in which enough is held. True if that is the end of the search.
fn narrow(most: f32, rule: Rules) -> bool {
  var found = search;
  if (found.shift == 32u) {
    found.wanted = vec2u(ALL);
    if (rule.top_p != ALL) {
      var total = vec2u(0u);
      for (var bin = 0u; bin < BINS; bin++) {
        total = add(total, mass_of(bin));
      }
      found.wanted = part_of(total, rule.top_p);
      found.wanted.x |= select(0u, 1u, all(found.wanted == vec2u(0u))); // the best is kept, whatever top_p
    }
  }

  var bin = 0u;
  while (bin < BINS) {
    let held = add(found.held, mass_of(bin));
    let above = found.above + atomicLoad(&bin_count[bin]);
    if (is_enough(held, above, found.wanted, rule)) {
      break;
    }
    found.held = held;
    found.above = above;
    bin++;
  }
  if (bin == BINS) {                                                // top_k is more than there are
    search.bin = BINS;
    return true;
  }

  let count = atomicLoad(&bin_count[bin]);
  let is_first = found.shift == 32u;
  if (is_first) {
    // Keys of the bin; more of them, for the edges are rounded.
    let slack = (abs(most) + f32(BINS)) * 1e-6;
    found.bin = bin;
    found.high = key_of(bitcast<u32>(most - f32(bin) + slack));
    found.low = key_of(bitcast<u32>(most - f32(bin + 1u) - slack));
    if (bin == BINS - 1u) {
      found.low = IMPOSSIBLE + 1u;
    }
  } else {
    let width = (1u << found.shift) - 1u;
    found.high -= bin << found.shift;
    found.low = max(found.low, select(0u, found.high - width, found.high > width));
  }
  let bits = 32u - countLeadingZeros(found.high - found.low);
  found.shift = select(0u, bits - BINS_LOG2, bits > BINS_LOG2);

  let is_last = !is_first && (count == 1u || found.high == found.low);
  if (is_last) {
    // The least number of ids of this key with which enough is held.
    let weight = weight_of(depth_of(found.low, most));
    var low = 1u;
    var high = count;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (is_enough(add(found.held, multiply(weight, middle)), found.above + middle, found.wanted, rule)) {
        high = middle;
      } else {
        low = middle + 1u;
      }
    }
    found.ties = low;
    if (low == count) {                                             // all of them: none is left to be told from others
      found.high = found.low - 1u;
      found.ties = 0u;
    }
  }
  search = found;
  return is_last;
}

// Which of the lanes' chunks of ids the draw falls into.
fn find_fall(tie_weight: u32, ties: u32, left: vec2u) -> Fall {
  var found = Fall(0u, ties, left);
  while (found.lane < WORKGROUP - 1u) {
    let kept = min(found.ties, lane_count[found.lane]);
    let mass = add(lane_mass[found.lane], multiply(tie_weight, kept));
    if (is_less(found.left, mass)) {
      break;
    }
    found.left = subtract(found.left, mass);
    found.ties -= kept;
    found.lane++;
  }
  return found;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let draw = draws[group.x];
  let rule = rules[draw.reply];
  let V = params.vocabulary;
  let row = draw.output * params.stride;

  for (var i = lane; i < rule.biases; i += WORKGROUP) {
    let nudge = biases[draw.reply * params.bias_stride + i];
    let at = row + (nudge.id & ~UNCOUNTED);
    let bits = scores[at];
    if (is_finite(bits)) {
      scores[at] = bitcast<u32>(bitcast<f32>(bits) + nudge.bias);
    }
  }
  if (rule.biases > 0u) {
    storageBarrier();
  }

  // logits to keys of scores; the best of them
  let last = drawn[draw.reply];
  let is_fading = rule.presence != 0.0 || rule.frequency != 0.0;
  var last_counts = 1.0;
  for (var i = 0u; i < select(0u, rule.biases, is_fading && draw.index > 0u); i++) {
    if (biases[draw.reply * params.bias_stride + i].id == (last | UNCOUNTED)) {
      last_counts = 0.0;
    }
  }
  var best = vec2u(IMPOSSIBLE, NOTHING);                            // key, id
  var wrong = NOTHING;
  for (var id = lane; id < V; id += WORKGROUP) {
    var bits = scores[row + id];
    if (is_fading) {
      let at = draw.reply * V + id;
      var count = 0u;
      if (draw.index > 0u) {
        let before = counts[at];
        if (before != 0u || id == last) {
          let faded = bitcast<f32>(before & ~SEEN) * rule.decay;
          let now = faded + select(0.0, last_counts, id == last);
          count = bitcast<u32>(now) | SEEN;
          if (is_finite(bits)) {
            bits = bitcast<u32>(bitcast<f32>(bits) - (rule.presence + rule.frequency * now));
          }
        }
      }
      counts[at] = count;
    }
    var key = IMPOSSIBLE;
    let may_be_drawn = ((masks[draw.reply * params.mask_stride + id / 32u] >> (id % 32u)) & 1u) == 1u;
    if (may_be_drawn && is_finite(bits)) {
      key = key_of(bits);
    } else if (may_be_drawn && bits != 0xff800000u && wrong == NOTHING) {
      wrong = id | select(NOT_A_NUMBER, INFINITE, bits == 0x7f800000u);
    }
    scores[row + id] = key;
    if (key > best.x) {
      best = vec2u(key, id);
    }
  }
  lane_mass[lane] = best;
  lane_count[lane] = wrong;
  if (lane == 0u) {
    search.bin = BINS;                                              // all are kept
    search.shift = 32u;
  }
  workgroupBarrier();
  for (var i = 0u; i < WORKGROUP; i++) {
    let other = lane_mass[i];
    if (other.x > best.x || (other.x == best.x && other.y < best.y)) {
      best = other;
    }
    let id_mask = ~INFINITE;
    if ((lane_count[i] & id_mask) < (wrong & id_mask)) {
      wrong = lane_count[i];
    }
  }
  let most = score_of(max(best.x, 0x00800000u));
  var chosen = best.y;

  if (rule.greedy == 0u) {
    workgroupBarrier();                                             // all have read what the lanes had found,
    storageBarrier();                                               // and read the scores of others from here on

    if (rule.top_p != ALL || rule.top_k < V) {
      loop {
        for (var bin = lane; bin < BINS; bin += WORKGROUP) {
          atomicStore(&bin_low[bin], 0u);
          atomicStore(&bin_high[bin], 0u);
          atomicStore(&bin_count[bin], 0u);
        }
        workgroupBarrier();
        let found = search;
        for (var id = lane; id < V; id += WORKGROUP) {
          let key = scores[row + id];
          let depth = depth_of(key, most);
          let bin = bin_of(key, depth, found);
          if (key != IMPOSSIBLE && bin < BINS) {
            let weight = weight_of(depth);
            let before = atomicAdd(&bin_low[bin], weight);
            if (before + weight < before) {
              atomicAdd(&bin_high[bin], 1u);
            }
            atomicAdd(&bin_count[bin], 1u);
          }
        }
        workgroupBarrier();
        if (lane == 0u) {
          searching = select(1u, 0u, narrow(most, rule));
        }
        if (workgroupUniformLoad(&searching) == 0u) {
          break;
        }
      }
    }

    let found = search;
    let tie_weight = drawing_weight(depth_of(found.low, most), rule);
    var here = Fall(0u, found.ties, vec2u(0u));
    var first = 0u;
    var chunk = V;
    while (chunk > 1u) {
      let to = min(first + chunk, V);
      chunk = (chunk + WORKGROUP - 1u) / WORKGROUP;
      let begin = first + lane * chunk;
      var mass = vec2u(0u);
      var ties = 0u;
      for (var id = begin; id < min(begin + chunk, to); id++) {
        let key = scores[row + id];
        let depth = depth_of(key, most);
        let place = place_of(key, depth, found);
        if (place == 0u) {
          mass = add(mass, vec2u(drawing_weight(depth, rule), 0u));
        }
        ties += select(0u, 1u, place == 1u);
      }
      lane_mass[lane] = mass;
      lane_count[lane] = ties;
      workgroupBarrier();
      if (lane == 0u) {
        if (to - first == V) {                                      // the first round: where in all of them
          var total = multiply(tie_weight, found.ties);
          for (var i = 0u; i < WORKGROUP; i++) {
            total = add(total, lane_mass[i]);
          }
          let bits = random_bits(vec4u(rule.seed_low, rule.seed_high, rule.stream, draw.index));
          here.left = part_of(total, bits & 0xffffff00u);
        }
        fall = find_fall(tie_weight, here.ties, here.left);
      }
      workgroupBarrier();
      here = fall;
      first += here.lane * chunk;
    }
    if (best.x != IMPOSSIBLE) {
      chosen = first;
    }
  }

  if (lane == 0u) {
    let id = select(wrong, chosen, wrong == NOTHING);
    drawn[draw.reply] = id;
    drawn[params.replies + group.x] = id;
  }
}
