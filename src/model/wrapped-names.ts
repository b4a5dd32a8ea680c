/**
 * @file The names of tensors as a model has them: what wraps a module while it is trained or compiled (DataParallel,
 * DeepSpeed, FSDP, torch.compile, a module of PyTorch Lightning) leaves its own name in those of all tensors inside.
 */

const WRAPPERS =
  /(?<=^|\.)(?:module|_forward_module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.|^model\.(?=(?:emb|blocks|ln_out|head|rwkv)\.)/g

/** The name without those of wrappers, wherever in it they stand. */
export function unwrappedName(name: string): string {
  const inner = name.replace(WRAPPERS, '')
  return inner === name ? name : unwrappedName(inner)
}
