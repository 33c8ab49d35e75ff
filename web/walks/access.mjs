// An officer asks: denied with what would be needed, then granted on a sanction that somebody else entered.
import { Person, picture } from './harness.mjs';

export const title = 'access request denied and granted';

export async function walk({ browser, service, pictures, people }) {
  // Exempted by the walk before; nobody's record was joined with theirs.
  const iin = people[4];
  const officer = await Person.come(browser, service);
  await officer.signIn('officer');
  await picture(officer, pictures, 'access-desk');
  await officer.type('#number', 'WALK-1');
  await officer.choose('#kind', 'crime');
  await officer.enter('#number');
  const url = officer.page.url();
  const ask = async (sanction) => {
    await officer.choose('#purpose', 'crime_investigation');
    await officer.choose('#act', 'read');
    await officer.type('#legal_basis', 'CPC 100');
    await officer.type('#iin', iin);
    if (sanction) await officer.choose('#sanction', { index: 1 });
    await officer.enter('#iin');
  };
  await picture(officer, pictures, 'access-case');
  await officer.page.click('form.card details summary');
  await officer.sees('Why the others need not be asked');
  await picture(officer, pictures, 'access-narrowing', { stay: true });
  await ask(false);
  await officer.sees('Denied, and written in the log', 'What would be needed', 'By which clause');
  await picture(officer, pictures, 'access-denied', { stay: true });

  const clerk = await Person.come(browser, service);
  await clerk.signIn('clerk');
  await clerk.go('/sanctions');
  await clerk.choose('#case', { index: 0 });
  await clerk.choose('#authority', 'prosecutor');
  await clerk.type('#issued_by', 'Prosecutor of the district, no. 7');
  await clerk.type('#iin', iin);
  await clerk.tick('input[name=purposes][value=crime_investigation]');
  await clerk.tick('input[name=acts][value=read]');
  await picture(clerk, pictures, 'sanctions');
  await clerk.choose('#authority', 'prosecutor');
  await clerk.type('#iin', iin);
  await clerk.tick('input[name=purposes][value=crime_investigation]');
  await clerk.tick('input[name=acts][value=read]');
  await clerk.type('#issued_by', 'Prosecutor of the district, no. 7');
  await clerk.enter('#issued_by');
  await clerk.sees('Prosecutor of the district, no. 7', 'usable');
  await clerk.leave();

  await officer.go(url);
  await ask(true);
  await officer.sees(iin, 'This look is recorded. Purpose: criminal investigation');
  await picture(officer, pictures, 'access-answer');
  // Going back and forward, and reloading, is not another look.
  await officer.page.goBack();
  await officer.page.goForward();
  await officer.page.reload();
  await officer.sees(iin);
  await officer.leave();

  const administrator = await Person.come(browser, service);
  await administrator.signIn('administrator');
  await picture(administrator, pictures, 'admin');
  await administrator.leave();
}
