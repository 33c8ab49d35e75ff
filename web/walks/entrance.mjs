// The front page, signing in, a wrong password, 200 % zoom, and a phone.
import { Person, picture } from './harness.mjs';

export const title = 'front page and sign-in';

export async function walk({ browser, service, pictures }) {
  const anyone = await Person.come(browser, service);
  await anyone.go('/');
  await picture(anyone, pictures, 'front');
  await anyone.go('/sign-in');
  await picture(anyone, pictures, 'sign-in');
  await anyone.type('#login', 'officer');
  await anyone.type('#password', 'not the password');
  await anyone.enter('#password');
  await anyone.sees('do not fit');
  await anyone.go('/nothing/here');
  await anyone.sees('Nothing is at this address');
  // 200 % zoom of a counter's screen is half its width.
  await anyone.page.setViewportSize({ width: 683, height: 384 });
  await anyone.go('/');
  await anyone.page.setViewportSize({ width: 360, height: 740 });
  await anyone.go('/sign-in');
  await anyone.leave();
}
