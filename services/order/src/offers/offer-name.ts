/** What the column takes, in characters: cut by JavaScript's units, one of them could be halved. */
const NAME_LENGTH = 600

/** A variant's name beside its product's, unless one contains the other. */
export const offerName = (product: string, variant: string) => {
  const contained = variant === '' || variant.toLowerCase().includes(product.toLowerCase())
  const name = contained ? variant || product : `${product}, ${variant}`
  return name.length <= NAME_LENGTH ? name : [...name].slice(0, NAME_LENGTH).join('')
}
