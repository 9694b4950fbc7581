import type { Json } from '../../src/core/json.js';
import type { ModelServerRequest, SpokenAnswer } from '../support/model-servers/answers.js';

/** What a model says, as recorded: chosen by the schema that it is to keep to, or by the question. */
export function recordedAnswer(request: ModelServerRequest): SpokenAnswer {
  const prompt = promptOf(request);
  const title = titleOf(request);
  if (title === null) return { text: tellCustomer(prompt) };
  const write = BY_SCHEMA[title];
  if (write === undefined) throw new Error(`nothing is recorded for ${title}`);
  return { json: write(prompt) };
}

export function titleOf({ schema }: ModelServerRequest): string | null {
  const title = schema?.['title'];
  return typeof title === 'string' ? title : null;
}

export function promptOf({ messages }: ModelServerRequest): string {
  return messages[0]?.text ?? '';
}

function tellCustomer(question: string): string {
  if (question.startsWith('What do you know about')) {
    return 'Bright Spoke Bicycles is a bicycle shop in Harborview. People like its quick brake repair. It has been open since 1975.';
  }
  if (question.includes('telephone number')) return 'You can call Bright Spoke Bicycles at +1 555 010 2030.';
  if (question.includes('street address')) return 'Bright Spoke Bicycles is at 99 Harbor Street in Harborview.';
  if (question.includes('opening hours')) return 'They are open Monday to Friday from 9 am to 6 pm.';
  if (question.includes('offer?')) return 'Bright Spoke Bicycles offers brake repair and sells city bikes.';
  if (question.includes('brake repair'))
    return 'Try Chain Reaction first. Bright Spoke Bicycles is a good choice, too.';
  return 'I would go to Chain Reaction on Main Street.';
}

/** What stands in a prompt as material, parsed. */
function materialOf(prompt: string, name: string): Json {
  const text = prompt.split(`<material name="${name}">`)[1]?.split('</material>')[0];
  if (text === undefined) throw new Error(`the prompt has no material ${name}`);
  return JSON.parse(text) as Json;
}

function listOf(prompt: string, name: string): { readonly [field: string]: Json }[] {
  return materialOf(prompt, name) as unknown as { readonly [field: string]: Json }[];
}

const BODY =
  'Bring your bicycle to our workshop in Harborview and tell us what troubles you. We look at it together with you, say what has to be done and what can wait, ' +
  'and start only when you agree. While we work you may have a coffee, or go for a walk along the harbor. When it is done you take it for a ride before you pay.';

const BY_SCHEMA: { readonly [title: string]: (prompt: string) => Json } = {
  brand_image: () => ({
    known: true,
    tone: 'positive',
    confused_with: [],
    claims: [
      { claim: 'It is a bicycle shop in Harborview.', verdict: 'right' },
      { claim: 'It has been open since 1975.', verdict: 'unproven' },
    ],
  }),
  review_judgements: (prompt) => ({
    reviews: listOf(prompt, 'reviews').map(({ id = 0, stars = null }) => ({
      id,
      sentiment: Number(stars) >= 4 ? 'positive' : 'negative',
      themes: Number(stars) >= 4 ? ['friendliness'] : ['waiting time'],
    })),
  }),
  page_heads: (prompt) => ({
    pages: listOf(prompt, 'pages').map(({ url = '' }, index) => ({
      url,
      title: `Bicycle repair in Harborview ${index + 1} | Bright Spoke`,
      description: `Bright Spoke Bicycles in Harborview repairs your bicycle while you wait; page ${index + 1} of our site.`,
    })),
  }),
  business_words: () => ({
    type: 'BikeStore',
    description: 'Bright Spoke Bicycles repairs and sells bicycles for everyday riders in Harborview.',
  }),
  faqs: () => ({
    faqs: ['Do I need an appointment?', 'Where are you?', 'Do you repair brakes?', 'Do you build wheels?'].map(
      (question) => ({
        question,
        answer: 'Come to 12 Harbor Street in Harborview, or call +1 555 010 2030 and ask.',
      }),
    ),
  }),
  content_briefs: (prompt) => ({
    briefs: (materialOf(prompt, 'services') as string[]).map((service) => ({
      service,
      title: `${service} in Harborview`,
      answers: `Who does ${service} in Harborview?`,
      outline: ['What is done', 'How long it takes', 'What to bring'],
    })),
  }),
  campaign: () => ({
    headline: 'Your bicycle, ready when you are',
    weeks: [1, 2, 3, 4].map((week) => ({
      goal: `Goal ${week}.`,
      tasks: ['Write a page.', 'Ask five customers for a review.'],
    })),
  }),
  service_text: (prompt) => {
    const service = materialOf(prompt, 'service') as string;
    return {
      title: `${service} in Harborview`,
      description: `Bright Spoke Bicycles does ${service} in Harborview, while you wait where we can.`,
      body: `We do ${service} for everyday riders. ${BODY}`,
      call_to_action: 'Come by, or call us.',
    };
  },
  review_replies: (prompt) => ({
    replies: listOf(prompt, 'reviews').map(({ id = 0 }) => ({
      id,
      reply: 'Thank you for telling us. Please come by, and we put it right.',
    })),
  }),
  visibility_plan: (prompt) => ({
    opening: 'Customers find you for brakes, but not for the rest; two facts about you are wrong.',
    steps: listOf(prompt, 'tasks')
      .slice(0, 4)
      .map(({ id = 0 }, index) => ({ task: id, week: index + 1, why: 'It costs you customers every day.' })),
  }),
};
