/** @file The icons of the element's own buttons, as `MessageAction.icon` has them. */

export const icons = {
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  again: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v4h-4',
} as const
