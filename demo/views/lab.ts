/** @file The view Lab: what a token costs, perplexity of a text, and one document for many questions. */

import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { text as pageText } from '../text.ts'
import { createAskCard } from './lab/ask-card.ts'
import { createCostCard } from './lab/cost-card.ts'
import { createEvaluateCard } from './lab/evaluate-card.ts'
import './lab/lab.css'
import { text } from './lab/text.ts'
import { labViews } from './lab/views.ts'

/** The view `#lab`. What was begun in it goes on behind other views, since it was asked for and can be cancelled. */
export function createLabView(app: App): View {
  const title = pageText.views.lab
  return {
    element: element(
      'main',
      { class: 'view lab', 'aria-label': title },
      element('h2', {}, title),
      element(
        'ul',
        { class: 'tools' },
        ...labViews.map((name) =>
          element(
            'li',
            {},
            element('a', { href: `#${name}` }, pageText.views[name]),
            element('p', { class: 'quiet' }, text.tools[name]),
          ),
        ),
      ),
      element('p', {}, text.intro),
      createCostCard(app),
      createEvaluateCard(app),
      createAskCard(app),
    ),
  }
}
