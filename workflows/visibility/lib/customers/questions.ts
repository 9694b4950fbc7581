import type { Business } from '../profile.js';

/** What a customer asks an assistant. */
export interface Question {
  /** `discovery`: who can do it. The others: something about this business. */
  readonly about: 'discovery' | 'phone' | 'address' | 'hours' | 'services';
  readonly text: string;
  /** What a discovery is for. */
  readonly service: string | null;
}

const DISCOVERIES: readonly ((service: string, city: string) => string)[] = [
  (service, city) => `Who is the best place for ${service} in ${city}?`,
  (service, city) => `Can you recommend somewhere in ${city} for ${service}?`,
  (service, city) => `I need ${service} near ${city} this week. Where should I go?`,
  (service, city) => `Which businesses in ${city} offer ${service}, and who is the most reliable?`,
  (service, city) => `Where do people in ${city} go for ${service} at a fair price?`,
  (service, city) => `I am new in ${city}. Whom can I trust with ${service}?`,
  (service, city) => `Name three places in ${city} for ${service}, the best one first.`,
  (service, city) => `Who in ${city} has good reviews for ${service}?`,
];

const FACTS: readonly { readonly about: Question['about']; readonly ask: (name: string, city: string) => string }[] = [
  { about: 'phone', ask: (name, city) => `What is the telephone number of ${name} in ${city}?` },
  { about: 'address', ask: (name, city) => `Where exactly is ${name} in ${city}? I need the street address.` },
  { about: 'hours', ask: (name, city) => `What are the opening hours of ${name} in ${city}?` },
  { about: 'services', ask: (name, city) => `What does ${name} in ${city} offer?` },
];

/** A dozen, of which four are about the business itself; the others go round its services. */
export function makeQuestions(business: Pick<Business, 'name' | 'city' | 'services'>): Question[] {
  const { name, city, services } = business;
  return [
    ...makeDiscoveries({ city, services, count: DISCOVERIES.length }),
    ...FACTS.map(({ about, ask }) => ({ about, text: ask(name, city), service: null })),
  ];
}

/** Questions that do not name the business, at most eight. */
export function makeDiscoveries(params: {
  readonly city: string;
  readonly services: readonly string[];
  readonly count: number;
}): Question[] {
  const { city, services, count } = params;
  return DISCOVERIES.slice(0, count).map((ask, index) => {
    const service = services[index % services.length] ?? '';
    return { about: 'discovery', text: ask(service, city), service };
  });
}
