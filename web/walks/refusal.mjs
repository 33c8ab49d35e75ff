// A person refuses: told without pressure what follows, decided by somebody else, appealed, and an interim document meanwhile.
import { arrive, atWork } from './counter.mjs';
import { Person, picture } from './harness.mjs';

export const title = 'refusal to appeal';

export async function walk({ browser, service, pictures, people }) {
  const operator = await atWork(browser, service);
  await arrive(operator, people[3]);
  await operator.press('Enter', '.spoken button.main');
  await operator.go(operator.page.url().replace(/\/capture.*/, '/law'));
  await operator.press('Enter', 'form[action$="/objection"] button');
  await operator.go(operator.page.url().replace(/\/(law|refusal).*/, '/refusal'));
  await picture(operator, pictures, 'refusal-before');
  await operator.press('Enter', 'form[action$="/refusal"] button.refuse');
  await operator.sees('Nothing follows by itself', 'tenge');
  const refusal = new URL(operator.page.url()).pathname;
  await picture(operator, pictures, 'refusal');

  const officer = await Person.come(browser, service);
  await officer.signIn('officer');
  await officer.go('/refusals');
  await picture(officer, pictures, 'refusals');
  await officer.go(refusal);
  await officer.press('Enter', 'button.main');
  await officer.leave();

  await operator.go(refusal);
  await operator.click('form:has(input[value=appeal]) button');
  await operator.sees('appeal');
  await operator.click('form:has(input[value=interim]) button');
  await operator.sees('Interim');
  await picture(operator, pictures, 'interim-document');
  await operator.leave();
}
