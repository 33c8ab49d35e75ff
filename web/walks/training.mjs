// Training: a register of its own, an unmistakable colour, and a score from what really happened.
import { Person, picture, start } from './harness.mjs';

export const title = 'an exercise in the training register';

export async function walk({ browser, program, pictures }) {
  const service = await start(program, ['train', '--dir', '{dir}', '--listen', '127.0.0.1:0']);
  try {
    const trainee = await Person.come(browser, service);
    await trainee.signIn('operator', 'csc-astana-1');
    await trainee.go('/training');
    await trainee.sees('Exercises', '0 of 7 exercises are scored');
    const band = await trainee.page.locator('.training-band').innerText();
    for (const word of ['ЖАТТЫҒУ', 'ОБУЧЕНИЕ', 'TRAINING']) if (!band.includes(word)) throw new Error(`the band lacks ${word}`);
    await picture(trainee, pictures, 'training');
    await trainee.go('/training/ordinary_adult');
    await trainee.page.locator('main button.main').click();
    await trainee.settle();
    await trainee.sees('Number to use (IIN)', 'What to do');
    await trainee.page.locator('main button.main').click();
    await trainee.settle();
    await trainee.sees('0 of 100 points', 'The matter has not ended');
    await trainee.go('/training/ordinary_adult');
    await picture(trainee, pictures, 'training-exercise');
    const number = await trainee.page.locator('.number-to-use').innerText();

    // The whole exercise at the counter, with the scanner that knows the hands.
    await trainee.page.locator('a[href="/counter"].button').click();
    await trainee.settle();
    await trainee.press('Enter');
    await trainee.type('#iin', number);
    await trainee.enter('#iin');
    await trainee.press('Enter');
    await trainee.sees('The person must be registered');
    await trainee.press('Enter');
    await trainee.sees('0 of 10 fingers done');
    await trainee.click('button[name="finger"][value="all"]');
    await trainee.page.waitForSelector('form[action$="/check"] button.main', { timeout: 60000 });
    await trainee.sees('10 of 10 fingers done');
    await trainee.click('form[action$="/check"] button.main');
    await trainee.page.waitForSelector('text=Nobody registered has these prints', { timeout: 60000 });
    await trainee.settle();
    await trainee.press('Enter', 'a.button.main');
    await trainee.type('#number', 'TR0000001');
    await trainee.enter('#number');
    await trainee.go('/training/ordinary_adult');
    await trainee.page.locator('main form[action$="/score"] button.main').click();
    await trainee.settle();
    await trainee.sees('100 of 100 points', 'Do it again with somebody else');
    await picture(trainee, pictures, 'training-score');
    await trainee.leave();
  } finally {
    await service.stop();
  }
}
