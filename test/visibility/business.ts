import type { Business } from '../../workflows/visibility/lib/profile.js';

/** A shop that doesn't exist, with one service and nobody beside it. */
export const BUSINESS: Business = {
  name: 'Bright Spoke',
  site: 'https://spoke.example',
  city: 'Harborview',
  services: ['brake repair'],
  competitors: [],
  reviews: [],
  facts: [],
  phone: '(555) 010-2030',
  address: '12 Harbor Street',
  hours: 'Mo-Fr 09:00-18:00',
};
