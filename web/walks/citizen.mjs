// A citizen on a phone sees who looked and why, and asks for a correction; the supervisor sees it all without a name.
import { Person, picture } from './harness.mjs';

export const title = 'citizen sees the look; supervisor sees the log';

export async function walk({ browser, service, pictures }) {
  const citizen = await Person.come(browser, service, { width: 360, height: 740 });
  await citizen.signIn('citizen');
  await citizen.sees('This look is recorded', 'Ministry of the interior', 'criminal investigation');
  await picture(citizen, pictures, 'citizen');
  await citizen.leave();

  const supervisor = await Person.come(browser, service);
  await supervisor.signIn('supervisor');
  await picture(supervisor, pictures, 'oversight');
  await supervisor.go('/oversight-log');
  await picture(supervisor, pictures, 'oversight-log');
  await supervisor.page.locator('main table a, main .timeline a, main a[href^="/oversight-log/"]').first().focus();
  await supervisor.press('Enter');
  await picture(supervisor, pictures, 'oversight-entry');
  await supervisor.go('/statistics');
  await picture(supervisor, pictures, 'statistics');
  await supervisor.leave();

  const second = await Person.come(browser, service);
  await second.signIn('second');
  await second.go('/persons');
  await picture(second, pictures, 'persons');
  await second.go('/correction-requests');
  await picture(second, pictures, 'correction-requests');
  await second.leave();

  const anyone = await Person.come(browser, service);
  await anyone.go('/public-log');
  await picture(anyone, pictures, 'public-log');
  await anyone.leave();

  const administrator = await Person.come(browser, service);
  await administrator.signIn('administrator');
  await picture(administrator, pictures, 'admin');
  await administrator.leave();
}
