// The supervisor sees what needs attention; the person sees the look, on a phone, and asks for a correction; an officer
// answers; the day is told in figures; anyone checks the public log.
import { Person, picture } from './harness.mjs';

export const title = 'supervisor, the person concerned, the day in figures, the public log';

export async function walk({ browser, service, pictures, iin }) {
  const supervisor = await Person.come(browser, service);
  await supervisor.signIn('supervisor');
  await supervisor.sees('Oversight', 'Waiting for a human being');
  await supervisor.seesNot(iin);
  await picture(supervisor, pictures, 'oversight');
  await supervisor.go('/oversight?days=1');
  await supervisor.go('/oversight-log?outcome=denial');
  await supervisor.sees('denied');
  await picture(supervisor, pictures, 'oversight-log');
  await supervisor.page.locator('table.log a').first().click();
  await supervisor.settle();
  await supervisor.sees('Log entry', 'tanba log check');
  await picture(supervisor, pictures, 'oversight-entry');
  await supervisor.go('/watches');
  await supervisor.sees('People whose every look is noted');
  await supervisor.go('/log-pruning');
  await supervisor.sees('How far it may go today');
  await supervisor.go('/statistics');
  await supervisor.sees('The day in figures', 'Arrivals by hour');
  for (const summary of await supervisor.page.locator('details > summary').all()) await summary.press('Enter');
  await supervisor.check();
  await picture(supervisor, pictures, 'statistics');
  await supervisor.leave();

  const citizen = await Person.come(browser, service, { width: 360, height: 740 });
  await citizen.signIn('citizen');
  await citizen.sees('My page', 'This look is recorded', 'a request for data was denied', 'Ministry of the interior');
  await picture(citizen, pictures, 'me');
  await citizen.page.locator('ol.looks .when a').first().click();
  await citizen.settle();
  await citizen.sees('An entry about you');
  await picture(citizen, pictures, 'me-entry');
  await citizen.go('/me/request?kind=correction');
  await picture(citizen, pictures, 'me-request');
  await citizen.choose('#attribute', 'other');
  await citizen.type('#text', 'The name of my street is spelt wrongly.');
  await citizen.page.locator('button.main').click();
  await citizen.settle();
  await citizen.sees('Your request was sent');

  const second = await Person.come(browser, service);
  await second.signIn('second');
  await second.go('/requests');
  await picture(second, pictures, 'requests');
  await second.page.locator('ul[data-keys] a').last().click();
  await second.settle();
  await second.sees('The name of my street is spelt wrongly.');
  await picture(second, pictures, 'request');
  await second.page.locator('input[value=refused]').check();
  await second.type('#reasons', 'Streets are not held in this register.');
  await second.type('#clause', 'Art. 25');
  await second.type('#appeal', 'the court of the district');
  await second.enter('#appeal');
  await second.sees('The answer was sent');
  await second.leave();
  await citizen.go('/me');
  await citizen.sees('Streets are not held in this register.', 'a request was read');
  await citizen.leave();

  const anyone = await Person.come(browser, service, { width: 360, height: 740 });
  await anyone.go('/public-log');
  await anyone.type('#place', '3');
  await anyone.enter('#place');
  await anyone.sees('What everyone can see of entry 3');
  await picture(anyone, pictures, 'public-log');
  await anyone.go('/law');
  await anyone.sees('What the law asks of you', 'Who must not be registered', 'Your rights, and where to complain');
  await picture(anyone, pictures, 'law');
  await anyone.leave();
}
