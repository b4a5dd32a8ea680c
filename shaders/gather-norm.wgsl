// gather-norm: pick rows of a matrix and layer-normalise them.
//
//   out[i] = (m[index[i]] - mean) / sqrt(variance + 1e-5) · scale + bias
//
// Serves twice: embedding and LN0 (m = emb, index = token ids), and LNout (m = x, index = rows whose logits are wanted).
// An index from LAST_DRAWN on stands for one that the GPU knows alone: the id that a reply drew last.
// Rows that are normalised already are picked as they are.
// A matrix split over several bindings is gathered by one dispatch a piece; each writes the rows that it holds.
// Workgroup: one row of the output; two passes (mean, then variance) keep f32 exact enough.
// Grid: (rows of the output, 1, 1).
// Needs: weights/*.wgsl, shared/sum.wgsl.

const LAST_DRAWN = 0x80000000u;

struct Params {
  first_row: u32,                // of this piece in the whole matrix
  rows: u32,                     // in this piece
  normed: u32,                   // 1 where they are normalised already
  columns: u32,                  // C, a multiple of 4
  index_stride: u32,             // u32s from one index to the next
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;         // (rows of the output) · index stride
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;        // (2, C)           scale, bias
@group(0) @binding(4) var<storage, read> drawn: array<u32>;         // (R)              ids by reply
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;   // (rows of the output, C)

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let lane = local.x;
  let c4 = params.columns / 4u;
  var wanted = index[group.x * params.index_stride];
  if (wanted >= LAST_DRAWN) {
    wanted = drawn[wanted - LAST_DRAWN];
  }
  let here = wanted >= params.first_row && wanted - params.first_row < params.rows;
  let row = row_of(select(0u, wanted - params.first_row, here), c4);

  var sum = 0.0;
  for (var c = lane; c < c4; c += WORKGROUP) {
    sum += dot(weight4(row, place_of(c, c4)), vec4f(1.0));
  }
  let mean = workgroup_sum(vec2f(sum), lane, 0u).x / f32(params.columns);

  var squares = 0.0;
  for (var c = lane; c < c4; c += WORKGROUP) {
    let d = weight4(row, place_of(c, c4)) - mean;
    squares += dot(d, d);
  }
  let scale = inverseSqrt(workgroup_sum(vec2f(squares), lane, 1u).x / f32(params.columns) + 1e-5);

  if (here) {
    for (var c = lane; c < c4; c += WORKGROUP) {
      let picked = weight4(row, place_of(c, c4));
      let normed = (picked - mean) * scale * norm[c] + norm[c4 + c];
      out[group.x * c4 + c] = select(normed, picked, params.normed == 1u);
    }
  }
}
