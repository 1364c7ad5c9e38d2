/** The grounds of a confidence as one English sentence. */
import type { Grounds } from '../contract/predict'

export function groundsInWords({ code, neighbours, same, nearest }: Grounds): string {
  const near = `the nearest is ${Math.round(nearest * 100)} % similar`
  switch (code) {
    case 'own_history':
      return 'The item has been routed before; its own routing comes first.'
    case 'agreement':
      return `${same} of ${neighbours} similar items have exactly these operations; ${near}.`
    case 'mixed':
      return `${same} of ${neighbours} similar items have exactly these operations, the others differ; ${near}.`
    case 'model_only':
      return `None of ${neighbours} similar items has exactly these operations; they follow from the attributes by the learned model; ${near}.`
    case 'nothing_near':
      return neighbours === 0
        ? 'No similar item is known: check the draft from the start.'
        : `Nothing near is known (${near}): check the draft from the start.`
    case 'no_attributes':
      return 'No attribute of the item is known: the draft is what the plant makes most often.'
  }
}
