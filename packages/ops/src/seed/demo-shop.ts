type DemoProduct = {
  sku: string
  name: string
  description: string
  category: string
  price: string
  onHand: number
  colour?: string
}

/** What the demo sells: three categories and a dozen products, one of them short and one sold out. */
export const demoProducts: DemoProduct[] = [
  {
    sku: 'MUG-BLUE',
    name: 'Stoneware mug, blue',
    description: 'Holds 350 ml, survives the dishwasher.',
    category: 'Kitchen',
    price: '12.99',
    onHand: 120,
    colour: 'blue',
  },
  {
    sku: 'MUG-WHITE',
    name: 'Stoneware mug, white',
    description: 'Holds 350 ml, survives the dishwasher.',
    category: 'Kitchen',
    price: '12.99',
    onHand: 80,
    colour: 'white',
  },
  {
    sku: 'TEAPOT-1L',
    name: 'Teapot for four',
    description: 'One litre, with a strainer.',
    category: 'Kitchen',
    price: '34.50',
    onHand: 25,
    colour: 'black',
  },
  {
    sku: 'BOARD-OAK',
    name: 'Oak chopping board',
    description: 'One piece of oiled oak, 40 × 25 cm.',
    category: 'Kitchen',
    price: '28.00',
    onHand: 40,
  },
  {
    sku: 'CANDLE-FIG',
    name: 'Scented candle, fig',
    description: 'Burns for about 40 hours.',
    category: 'Living',
    price: '16.00',
    onHand: 200,
  },
  {
    sku: 'CUSHION-RED',
    name: 'Cushion cover, red',
    description: 'Linen, 45 × 45 cm, with a zip.',
    category: 'Living',
    price: '19.95',
    onHand: 60,
    colour: 'red',
  },
  {
    sku: 'THROW-WOOL',
    name: 'Wool throw',
    description: 'Lambswool, 130 × 180 cm.',
    category: 'Living',
    price: '79.00',
    onHand: 15,
    colour: 'grey',
  },
  {
    sku: 'CLOCK-WALL',
    name: 'Wall clock',
    description: 'Silent, 30 cm across. Nearly gone.',
    category: 'Living',
    price: '45.00',
    onHand: 3,
    colour: 'white',
  },
  {
    sku: 'NOTEBOOK-A5',
    name: 'Notebook A5',
    description: '160 dotted pages that lie flat.',
    category: 'Paper',
    price: '9.50',
    onHand: 300,
  },
  {
    sku: 'PENCILS-12',
    name: 'Twelve pencils',
    description: 'Cedar, HB, in a tube.',
    category: 'Paper',
    price: '6.25',
    onHand: 150,
  },
  {
    sku: 'CARDS-THANKS',
    name: 'Thank-you cards, ten',
    description: 'Letterpress, with envelopes.',
    category: 'Paper',
    price: '11.00',
    onHand: 90,
  },
  {
    sku: 'WRAP-STARS',
    name: 'Wrapping paper, stars',
    description: 'Three sheets of 50 × 70 cm. Sold out.',
    category: 'Paper',
    price: '4.50',
    onHand: 0,
  },
]
