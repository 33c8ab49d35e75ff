// A person without papillary patterns: a photograph of the hands, a search by name, a second officer.
import { arrive, atWork } from './counter.mjs';
import { picture } from './harness.mjs';

export const title = 'exemption';

export async function walk({ browser, service, pictures, people }) {
  const operator = await atWork(browser, service);
  await arrive(operator, people[4]);
  await operator.press('Enter', '.spoken button.main');
  await operator.go(operator.page.url().replace(/\/(law|capture).*/, '/exemption'));
  // Any picture will do for a walk: the page itself, as a JPEG.
  const photo = { name: 'hands.jpg', mimeType: 'image/jpeg', buffer: await operator.page.screenshot({ type: 'jpeg' }) };
  await operator.file('#photo', photo);
  await operator.click('form[action$="/hands/new"] button');
  await operator.click('form[action$="/namesakes"] button');
  await operator.click('button[name=finding][value=nobody]');
  await picture(operator, pictures, 'exemption');
  await operator.tick('input[name=code]');
  await operator.type('#login', 'operator');
  await operator.type('#password', service.password);
  await operator.enter('#password');
  await operator.sees('Denied, and written in the log');
  await operator.go(operator.page.url().replace(/\/exemption.*/, '/exemption'));
  await operator.tick('input[name=code]');
  await operator.type('#login', 'second');
  await operator.type('#password', service.password);
  await operator.enter('#password');
  await operator.settle();
  await operator.sees('document');
  await operator.leave();
}
