import type { JsonObject } from 'errand';
import { isSameAddress } from '../text/address.js';
import { isSameWeek, parseHours, readSchemaHours, type Week } from '../text/hours.js';
import type { Issue } from '../reports/issue.js';
import { textOf, typesOf } from './json-ld.js';
import { isSamePhone } from '../text/phone.js';
import type { Business } from '../profile.js';
import { mentionsName } from '../text/text.js';

/** What a page says of a business in structured data. */
export interface LocalBusiness {
  readonly type: string;
  readonly name: string | null;
  readonly phone: string | null;
  readonly address: string | null;
  readonly hours: Week | null;
  readonly url: string | null;
  readonly rating: string | null;
  readonly sameAs: number;
  readonly offers: boolean;
}

/** Types of schema.org under LocalBusiness that do not end in one of `ENDINGS`. */
const TYPES = new Set(
  `LocalBusiness AnimalShelter AutoDealer AutoRental AutoRepair AutoWash AutoBodyShop Bakery BarOrPub Brewery CafeOrCoffeeShop
  ChildCare Dentist Dermatology Distillery DryCleaningOrLaundry EmploymentAgency FastFoodRestaurant GasStation HairSalon
  HealthClub Hotel Hostel Motel BedAndBreakfast IceCreamShop InsuranceAgency Library LodgingBusiness Locksmith MedicalBusiness
  MedicalClinic MotorcycleRepair MovingCompany NailSalon Notary NightClub Optician Pharmacy Physician Plumber RealEstateAgent
  RecyclingCenter RoofingContractor SelfStorage ShoppingCenter SportsActivityLocation TattooParlor TravelAgency VeterinaryCare
  Winery Electrician GeneralContractor HVACBusiness HousePainter LegalService Attorney AccountingService FinancialService
  FoodEstablishment HomeAndConstructionBusiness HealthAndBeautyBusiness ProfessionalService EntertainmentBusiness
  AutomotiveBusiness AutoPartsStore TouristInformationCenter DaySpa BeautySalon`.split(/\s+/),
);
const ENDINGS = /(?:Store|Shop|Restaurant|Business|Contractor|Salon|Clinic|Repair)$/;

export function isLocalBusinessType(type: string): boolean {
  return TYPES.has(type) || ENDINGS.test(type);
}

/** The item that describes a local business; the one of that name when there are several. */
export function findLocalBusiness(items: readonly JsonObject[], name: string): LocalBusiness | null {
  const all = items.filter((item) => typesOf(item).some(isLocalBusinessType)).map(readLocalBusiness);
  return all.find((each) => each.name !== null && mentionsName(each.name, name)) ?? all[0] ?? null;
}

function readLocalBusiness(item: JsonObject): LocalBusiness {
  const types = typesOf(item);
  const sameAs: unknown = item['sameAs'];
  return {
    type: types.find(isLocalBusinessType) ?? 'LocalBusiness',
    name: textOf(item['name']),
    phone: textOf(item['telephone']),
    address: readAddress(item['address']),
    hours: readSchemaHours(item['openingHours'], item['openingHoursSpecification']),
    url: textOf(item['url']),
    rating: readRating(item['aggregateRating']),
    sameAs: Array.isArray(sameAs) ? sameAs.length : textOf(sameAs) === null ? 0 : 1,
    offers: item['hasOfferCatalog'] !== undefined || item['makesOffer'] !== undefined,
  };
}

function readAddress(address: unknown): string | null {
  if (typeof address !== 'object' || address === null || Array.isArray(address)) return textOf(address);
  const fields = address as { readonly [name: string]: unknown };
  const parts = ['streetAddress', 'postalCode', 'addressLocality'].map((name) => textOf(fields[name]));
  const told = parts.filter((part) => part !== null);
  return told.length === 0 ? null : told.join(', ');
}

function readRating(rating: unknown): string | null {
  return typeof rating === 'object' && rating !== null ? textOf((rating as JsonObject)['ratingValue']) : null;
}

/** What is missing or wrong in a business's structured data, held against its profile. */
export function inspectLocalBusiness(found: LocalBusiness | null, business: Business, page: string): Issue[] {
  const issues: Issue[] = [];
  const add = (rule: string, severity: Issue['severity'], message: string, action: string): void => {
    issues.push({ rule, severity, message, action, page });
  };
  if (found === null) {
    const message = 'The site has no structured data that says what business this is.';
    add('local-business-missing', 'high', message, 'Put a LocalBusiness block (JSON-LD) on the home page.');
    return issues;
  }
  const { name, phone, address, hours } = found;
  if (name === null) add('name-missing', 'high', 'The structured data gives no name.', 'Add "name".');
  else if (!mentionsName(name, business.name)) {
    const message = `The structured data calls the business “${name}”, not “${business.name}”.`;
    add('name-wrong', 'high', message, 'Correct "name".');
  }
  compare('phone number', 'telephone', phone, business.phone, isSamePhone, add);
  compare('address', 'address', address, business.address, isSameAddress, add);
  const week = business.hours === undefined ? null : parseHours(business.hours);
  if (hours === null)
    add('hours-missing', 'medium', 'The structured data has no opening hours.', 'Add "openingHours".');
  else if (week !== null && !isSameWeek(hours, week)) {
    add('hours-wrong', 'high', 'The structured data has other opening hours than you do.', 'Correct "openingHours".');
  }
  if (found.type === 'LocalBusiness') {
    const message = 'The structured data only says “a local business”, not of which kind.';
    add(
      'type-general',
      'low',
      message,
      'Use the narrowest type of schema.org that fits, such as AutoRepair or Bakery.',
    );
  }
  if (!found.offers) {
    add('offers-missing', 'low', 'The structured data does not list what you offer.', 'Add "hasOfferCatalog".');
  }
  if (found.sameAs === 0) {
    const message = 'The structured data does not point to your profiles on maps and social networks.';
    add('same-as-missing', 'low', message, 'Add their addresses as "sameAs".');
  }
  return issues;
}

function compare(
  what: string,
  field: string,
  found: string | null,
  wanted: string | undefined,
  isSame: (one: string, other: string) => boolean,
  add: (rule: string, severity: Issue['severity'], message: string, action: string) => void,
): void {
  if (found === null) {
    add(`${field}-missing`, 'medium', `The structured data has no ${what}.`, `Add "${field}".`);
  } else if (wanted !== undefined && !isSame(found, wanted)) {
    const message = `The structured data has the ${what} ${found}; yours is ${wanted}.`;
    add(`${field}-wrong`, 'high', message, `Correct "${field}".`);
  }
}
