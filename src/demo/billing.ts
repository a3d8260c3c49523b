import { addDays, daysBetween, REFERENCE_DATE } from './calendar.js';
import type { Contact } from './contact.js';

/** What an examination has cost and who bears it, in kuruş: sums of money are whole numbers here. */
export interface Bill {
  readonly total: number;
  readonly covered: number;
}

/** Bills younger than this are still open. */
const OPEN_FOR_DAYS = 45;

/** Adds the invoice of an examination, a line per charge, and a line per payment. */
export function addInvoice(contact: Contact): Bill {
  const { rows, examinationId, providerId, insurance, visit, startedAt, endedAt } = contact;
  const charges = contact.charges.map((charge) => ({
    ...charge,
    kurus: charge.units * charge.unitPrice * 100,
  }));
  const total = charges.reduce((sum, { kurus }) => sum + kurus, 0);
  const statutory = Math.round(total * insurance.share);
  const supplementary = Math.round(total * insurance.secondaryShare);
  const own = total - statutory - supplementary;
  const open = daysBetween(endedAt, REFERENCE_DATE) < OPEN_FOR_DAYS;
  const status = open ? 'BILLED' : 'CLOSED';
  const invoice = rows.add('Invoice', {
    examinationId,
    providerId,
    departmentId: visit.condition.clinic,
    primaryInsuranceId: insurance.payerId,
    secondaryInsuranceId: insurance.secondaryPayerId,
    diagnosisCodes: [visit.condition.icd],
    serviceAt: startedAt,
    illnessAt: startedAt,
    primaryStatus: status,
    secondaryStatus: supplementary > 0 ? status : null,
    patientStatus: status,
    primaryOutstanding: lira(open ? statutory : 0),
    secondaryOutstanding: lira(open ? supplementary : 0),
    patientOutstanding: lira(open ? own : 0),
    lastBilledAt: endedAt,
  });
  const line = { invoiceId: invoice.id, examinationId, providerId, fromAt: startedAt, toAt: endedAt };
  charges.forEach(({ code, name, units, unitPrice, kurus }, index) => {
    rows.add('FinancialTransaction', {
      ...line,
      chargeId: String(index + 1),
      transactionType: 'CHARGE',
      amount: lira(kurus),
      procedureCode: code,
      units,
      unitAmount: unitPrice.toFixed(2),
      note: name,
      outstanding: lira(open ? kurus : 0),
    });
  });
  if (!open) {
    const paidOn = addDays(endedAt, OPEN_FOR_DAYS - 15);
    addPayment(contact, line, 'ECHECK', statutory, `${insurance.names[0]} ödemesi`, paidOn);
    addPayment(contact, line, 'ECHECK', supplementary, `${insurance.names[1] ?? ''} ödemesi`, paidOn);
    addPayment(contact, line, contact.chance.pick(['CASH', 'CC']), own, 'Hasta katılım payı', endedAt);
  }
  return { total, covered: statutory + supplementary };
}

function addPayment(
  { rows }: Contact,
  line: object,
  method: string,
  kurus: number,
  note: string,
  paidAt: Date,
): void {
  if (kurus === 0) return;
  rows.add('FinancialTransaction', {
    ...line,
    transactionType: 'PAYMENT',
    method,
    payments: lira(kurus),
    note,
    fromAt: paidAt,
    toAt: paidAt,
  });
}

/** Kuruş as lira with two decimals. */
export function lira(kurus: number): string {
  return (kurus / 100).toFixed(2);
}
