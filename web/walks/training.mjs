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
    await trainee.leave();
  } finally {
    await service.stop();
  }
}
