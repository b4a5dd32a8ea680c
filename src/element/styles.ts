/**
 * @file The look of `<rwkv-chat>`. Its custom properties (`--rwkv-chat-…`) are read once, into the private names at the
 * top; everything below uses those. Colours follow the page's `color-scheme`. It is longer than other files because all of
 * it goes into the shadow root as one sheet.
 */

import { css } from 'lit'

/** For the shadow root; Lit adopts it, so no style element is made. */
export const styles = css`
  :host {
    --_background: var(--rwkv-chat-background, light-dark(#faf9f6, #131615));
    --_surface: var(--rwkv-chat-surface, light-dark(#ffffff, #1c201e));
    --_line: var(--rwkv-chat-line, light-dark(#e5e1d9, #2d3330));
    --_edge: var(--rwkv-chat-edge, light-dark(#8b867d, #7d8782));
    --_ink: var(--rwkv-chat-color, light-dark(#1c1b19, #ecebe7));
    --_quiet: var(--rwkv-chat-quiet-color, light-dark(#625d56, #a5aba6));
    --_accent: var(--rwkv-chat-accent, light-dark(#1f6b55, #7fcbb0));
    --_on-accent: var(--rwkv-chat-on-accent, light-dark(#ffffff, #0b211a));
    --_user: var(--rwkv-chat-user-background, light-dark(#e3efe9, #21382f));
    --_reply: var(--rwkv-chat-reply-background, transparent);
    --_notice: var(--rwkv-chat-notice-background, light-dark(#fbf1d8, #2f2a18));
    --_fault: var(--rwkv-chat-fault-background, light-dark(#fdebe8, #3a2220));
    --_radius: var(--rwkv-chat-radius, 1rem);
    --_padding: var(--rwkv-chat-padding, 1rem);
    --_between: var(--rwkv-chat-gap, 0.75rem);
    --_turn: var(--rwkv-chat-turn-gap, 2rem);
    --_gap: min(var(--_padding), 1.25rem); /* above and below: shares of the width would be much there */

    display: flex;
    flex-direction: column;
    block-size: var(--rwkv-chat-height, 32rem);
    min-block-size: 12rem;
    min-inline-size: 0;
    overflow: hidden;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_background);
    color: var(--_ink);
    font: var(--rwkv-chat-font, 1rem / 1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
    text-align: start;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  /* Each paragraph runs in the direction of its own words, and stands where the page's direction puts it. */
  p {
    margin: 0;
    text-align: match-parent;
    unicode-bidi: plaintext;
  }

  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .quiet {
    color: var(--_quiet);
    text-wrap: pretty;
  }

  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  /* Buttons */

  button {
    flex: none;
    min-block-size: 2.5rem;
    padding: 0.4rem 1rem;
    border: 1px solid var(--_edge);
    border-radius: calc(var(--_radius) * 0.75);
    background: var(--_surface);
    color: inherit;
    font: inherit;
    font-weight: 550;
    line-height: 1.25;
    cursor: pointer;
    touch-action: manipulation;
  }

  button:hover {
    border-color: var(--_accent);
  }

  button.primary {
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
  }

  button.primary:hover {
    filter: brightness(1.1);
  }

  button.plain {
    border-color: transparent;
    background: none;
    color: var(--_quiet);
    font-size: 0.875rem;
  }

  button.plain:hover {
    color: var(--_ink);
    text-decoration: underline;
  }

  button:disabled,
  button:disabled:hover {
    border-color: transparent;
    background: var(--_line);
    color: var(--_quiet);
    filter: none;
    cursor: default;
  }

  /* Header, notices, faults */

  .header {
    flex: none;
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
    min-block-size: 3rem;
    padding-inline: var(--_padding);
    border-block-end: 1px solid var(--_line);
  }

  .header .plain {
    margin-inline-end: -0.75rem;
    padding-inline: 0.75rem;
  }

  .name {
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .notice {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4rem 0.8rem;
    max-block-size: 50%;
    margin: 0.6rem var(--_padding) 0.3rem;
    padding-block: 0.25rem;
    padding-inline: 0.8rem 0.25rem;
    overflow-y: auto;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.75);
    background: var(--_notice);
    font-size: 0.875rem;
    line-height: 1.45;
    overflow-wrap: anywhere;
  }

  .notice p {
    flex: 1 1 12rem;
  }

  .notice:not(.fault) {
    flex-wrap: nowrap;
  }

  .notice .plain {
    min-inline-size: 2.25rem;
    padding: 0;
    color: inherit;
    font-size: 1.25rem;
    text-decoration: none;
  }

  .fault {
    margin-block-end: 0.4rem;
    padding: 0.7rem 0.8rem;
    background: var(--_fault);
  }

  /* Poster, empty conversation, no WebGPU */

  .middle {
    flex: 1;
    min-block-size: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 0.6rem;
    padding: var(--_gap) max(var(--_padding), (100% - 46rem) / 2);
    overflow-y: auto;
    text-align: center;
  }

  .middle::before,
  .middle::after {
    content: "";
    flex: 1;
  }

  .middle button {
    margin-block-start: 0.5rem;
  }

  .title {
    font-size: 1.125rem;
    font-weight: 650;
    line-height: 1.3;
    text-wrap: balance;
  }

  /* Conversation */

  .stage {
    flex: 1;
    min-block-size: 0;
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
  }

  .stage > * {
    grid-area: 1 / 1;
  }

  .log {
    display: flex;
    flex-direction: column;
    gap: var(--_between);
    padding: var(--_gap) max(var(--_padding), (100% - 46rem) / 2);
    overflow-y: auto;
    overscroll-behavior: contain;
  }

  .log:focus-visible {
    outline-offset: -2px;
  }

  .message {
    max-inline-size: 100%;
  }

  .text {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    text-align: start;
  }

  /* What can be done with it stands beside it, or below where there is no room. */
  .asked {
    display: flex;
    flex-flow: row-reverse wrap;
    align-items: center;
  }

  slot::slotted([slot^="message-"]) {
    inline-size: 100%;
  }

  .log > * + .asked {
    margin-block-start: calc(var(--_turn) - var(--_between));
  }

  .user {
    max-inline-size: 85%;
    padding: 0.45rem 0.85rem;
    border-radius: var(--_radius);
    border-end-end-radius: calc(var(--_radius) * 0.25);
    background: var(--_user);
  }

  .reply {
    border-radius: var(--_radius);
    background: var(--_reply);
  }

  .speaker {
    color: var(--_accent);
    font-size: 0.8125rem;
    font-weight: 600;
  }

  .thoughts {
    margin-block-end: 0.4rem;
    color: var(--_quiet);
    font-size: 0.875rem;
  }

  .cost {
    margin-block-start: 0.2rem;
    color: var(--_quiet);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
  }

  .asked .actions {
    margin-block: -0.25rem; /* the words alone say how high it is */
  }

  .reply .actions {
    margin-inline-start: calc(-0.5rem - 1px);
  }

  /* A long conversation is for reading: what can be done shows with the last turn, or where the pointer is. */
  @media (hover: hover) {
    .log > :not(:nth-last-child(-n + 2)):not(:hover, :focus-within) .actions {
      opacity: 0;
    }

    .reply:not(:last-child) .actions {
      margin-block-end: calc(var(--_turn) * -1);
    }
  }

  button.action {
    min-inline-size: 2rem;
    min-block-size: 2rem;
    padding: 0.2rem 0.4rem;
    font-size: 0.8125rem;
    font-weight: 450;
  }

  button.action:disabled {
    background: none;
    opacity: 0.4;
  }

  .tally {
    color: var(--_quiet);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }

  svg {
    display: block;
    inline-size: 1.125rem;
    block-size: 1.125rem;
    margin: auto;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  /* What Markdown or the page's own renderer makes of a reply */

  .rich {
    white-space: normal;
  }

  .rich > * + *,
  .rich li + li {
    margin-block-start: 0.5em;
  }

  .rich :is(h1, h2, h3, h4, h5, h6) {
    font-size: 1.05em;
    line-height: 1.3;
  }

  .rich :is(ul, ol) {
    padding-inline-start: 1.5em;
  }

  .rich a {
    color: var(--_accent);
  }

  .rich blockquote {
    padding-inline-start: 0.8em;
    border-inline-start: 3px solid var(--_line);
    color: var(--_quiet);
  }

  .rich :is(code, pre) {
    font: 0.875em/1.5 ui-monospace, monospace;
  }

  .rich :not(pre) > code {
    padding: 0.1em 0.3em;
    border-radius: 0.3em;
    background: var(--_line);
  }

  .rich pre {
    position: relative;
    padding: 0.75em;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.5);
    overflow-x: auto;
  }

  .rich pre button {
    position: absolute;
    inset: 0.3em 0.3em auto auto;
    min-block-size: 0;
    padding: 0.15em 0.5em;
    font: 0.75rem/1.4 system-ui, sans-serif;
  }

  .rich table {
    border-collapse: collapse;
  }

  .rich :is(th, td) {
    padding: 0.25em 0.6em;
    border: 1px solid var(--_line);
  }

  .growing::after {
    content: "";
    display: inline-block;
    inline-size: 0.5em;
    block-size: 1em;
    margin-inline-start: 0.15em;
    border-radius: 0.1em;
    background: var(--_accent);
    vertical-align: -0.12em;
  }

  .dots i {
    display: inline-block;
    inline-size: 0.45em;
    block-size: 0.45em;
    margin-inline-end: 0.3em;
    border-radius: 50%;
    background: var(--_accent);
  }

  .latest {
    place-self: end center;
    inline-size: 2.5rem;
    margin-block-end: 0.5rem;
    padding: 0;
    border-radius: 50%;
    box-shadow: 0 2px 10px rgb(0 0 0 / 18%);
  }

  /* Loading */

  .loading {
    flex: none;
    padding: 0.2rem var(--_padding) 0.4rem;
    font-size: 0.875rem;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 1rem;
  }

  .bytes {
    color: var(--_quiet);
    font-variant-numeric: tabular-nums;
  }

  progress {
    display: block;
    inline-size: 100%;
    block-size: 0.4rem;
    margin-block-start: 0.3rem;
    accent-color: var(--_accent);
  }

  /* Composer */

  .bar,
  .composer {
    flex: none;
    padding: 0.3rem max(var(--_padding) * 0.75, (100% - 46rem) / 2) calc(var(--_gap) * 0.75);
    text-align: center;
  }

  .bar:empty {
    display: none;
  }

  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 0.35rem;
    margin: 0;
    padding: 0 0 0.35rem;
    list-style: none;
  }

  .chip {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    max-inline-size: 100%;
    padding-inline-start: 0.6rem;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.5);
    background: var(--_surface);
    font-size: 0.875rem;
  }

  .chip button {
    padding-inline: 0.75rem;
  }

  .chip .of {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .chip .quiet {
    white-space: nowrap;
  }

  .attached {
    overflow-wrap: anywhere;
    max-block-size: 12rem;
    overflow: auto;
    font-size: 0.875rem;
  }

  .hint {
    padding-block-end: 0.3rem;
    color: var(--_quiet);
    font-size: 0.8125rem;
    text-align: start;
  }

  .hint:empty {
    display: none;
  }

  .box {
    display: flex;
    align-items: flex-end;
    gap: 0.35rem;
    padding: 0.3rem;
    border: 1px solid var(--_edge);
    border-radius: var(--_radius);
    background: var(--_surface);
  }

  .box:focus-within {
    border-color: var(--_accent);
    box-shadow: 0 0 0 1px var(--_accent);
  }

  button.attach {
    min-inline-size: 2.5rem;
    padding: 0;
    font-size: 1.25rem;
  }

  textarea {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 2.5rem;
    max-block-size: 9rem;
    padding: 0.48rem 0.6rem;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    resize: none;
    field-sizing: content;
  }

  /* The box around it shows the focus. */
  textarea:focus {
    outline: none;
  }

  textarea::placeholder {
    color: var(--_quiet);
    opacity: 1;
  }

  @media (prefers-reduced-motion: no-preference) {
    @keyframes breathe {
      50% {
        opacity: 0.25;
      }
    }

    .growing::after,
    .dots i {
      animation: breathe 1.2s ease-in-out infinite;
    }

    .dots i:nth-child(2) {
      animation-delay: 0.15s;
    }

    .dots i:nth-child(3) {
      animation-delay: 0.3s;
    }
  }

  @media (forced-colors: active) {
    .user,
    .dots i {
      border: 1px solid;
    }

    .growing::after {
      background: CanvasText;
      forced-color-adjust: none;
    }

    .box:focus-within {
      outline: 2px solid Highlight;
    }
  }
`

/** The same styles in the shadow root of an element that has come into `document`: sheets belong to one document. */
export function adoptStyles(root: ShadowRoot, document: Document): void {
  const Sheet = document.defaultView?.CSSStyleSheet
  if (!Sheet) return
  const sheet = new Sheet()
  sheet.replaceSync(styles.cssText)
  root.adoptedStyleSheets = [sheet]
}
