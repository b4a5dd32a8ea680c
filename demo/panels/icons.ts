/** @file The icons of the page: paths of an SVG of 24 by 24, drawn in lines. */

export const icons = {
  menu: 'M4 7h16M4 12h16M4 17h16',
  begin: 'M12 5H5v14h14v-7M10 14l9.5-9.5',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3',
  remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  close: 'M6 6l12 12M18 6L6 18',
  branch: 'M7 4v16M7 14c0-4 10-2 10-9M14 8l3-3 3 3',
  compare: 'M4 5h6v14H4zM14 5h6v14h-6z',
  previous: 'M15 6l-6 6 6 6',
  next: 'M9 6l6 6-6 6',
  unfold: 'M7 10l5 5 5-5',
} as const

const SVG = 'http://www.w3.org/2000/svg'

/** An icon of its own, which says nothing to screen readers. */
export function createIcon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(SVG, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}
