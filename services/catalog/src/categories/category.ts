import { isOneLine } from '@storewright/runtime/text'
import { foldName, tidyName } from '../names.ts'

export const MAX_DEPTH = 10
const MAX_NAME = 100

export interface Category {
  id: string
  parentId: string | null
  slug: string
  name: string
  position: number
  version: number
}

/** A category as lists show it: products of its descendants count too, once each. */
export interface CountedCategory extends Category {
  productCount: number
}

export interface CategoryNode extends CountedCategory {
  children: CategoryNode[]
}

/** Siblings with equal keys are the same category: case, accents and blanks do not count. */
export const nameKeyOf = (name: string) => [...foldName(name)].slice(0, 300).join('')

/** "Home > Kitchen" as names from the root; a message where it is not a path. */
export const parsePath = (path: string): { names: string[] } | { fault: string } => {
  const names = path.split('>').map(tidyName)
  if (names.some((name) => name === '')) return { fault: 'has an empty name between ">" signs' }
  if (!names.every(isOneLine)) return { fault: 'has a name with a control or invisible character' }
  if (names.some((name) => [...name].length > MAX_NAME))
    return { fault: `has a name of more than ${MAX_NAME} characters` }
  if (names.length > MAX_DEPTH) return { fault: `goes more than ${MAX_DEPTH} levels deep` }
  return { names }
}

/** One text for one place in the tree, whatever the case and spacing of its path. */
export const pathKeyOf = (names: string[]) => names.map(nameKeyOf).join('>')

/** Nests rows under their parents, keeping their order. */
export const treeOf = (rows: CountedCategory[]): CategoryNode[] => {
  const nodes = new Map(rows.map((row): [string, CategoryNode] => [row.id, { ...row, children: [] }]))
  const roots: CategoryNode[] = []
  for (const node of nodes.values()) {
    const parent = node.parentId === null ? undefined : nodes.get(node.parentId)
    if (parent) parent.children.push(node)
    else roots.push(node)
  }
  return roots
}
