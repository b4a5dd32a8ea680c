/** @file The worker of the page's view Bench that measures products of weights, on a device of its own. */

import { expose } from 'comlink'
import type { ProductsWorker } from '../demo/views/bench/product-costs.ts'
import { carryErrors } from '../src/core/transfer.ts'
import { createGpu } from '../src/gpu/device.ts'
import { measureProducts } from './products/measure.ts'

const products: ProductsWorker = {
  async measure(budgetMs, onStep) {
    const gpu = await createGpu(navigator.gpu)
    try {
      return await measureProducts(gpu, { clock: () => ({ wallMs: performance.now() }), budgetMs, onStep })
    } finally {
      gpu.dispose()
    }
  },
}

carryErrors()
expose(products)
