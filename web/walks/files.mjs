// An examiner opens a file that was sent, looks at what it holds, and turns it into another format; it is in the log.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person, picture } from './harness.mjs';

export const title = 'a file that was sent: opened, looked at, converted, written down';

const FINGERS = ['right_thumb', 'right_index', 'right_middle', 'right_ring', 'right_little'];

export async function walk({ browser, service, program, pictures }) {
  const folder = mkdtempSync(join(tmpdir(), 'tanba-walk-files-'));
  try {
    const examiner = await Person.come(browser, service);
    await examiner.signIn('examiner-a');
    await examiner.go('/files');
    await examiner.sees('Nothing of it enters the register');
    await picture(examiner, pictures, 'files');

    const images = handOf(program, folder);
    const open = async (name, bytes) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      await examiner.go('/files');
      await examiner.choose('#purpose', 'exchange');
      await examiner.file('#file', path);
      await examiner.type('#reference', 'INT-2026-0017');
      await examiner.enter('#reference');
    };
    await open('hand.fir', images);
    await examiner.sees('This look is recorded', 'INT-2026-0017', 'iso-19794-4-2005', '5 pictures', 'right index');
    const drawn = await examiner.page.locator('.pictures img').evaluateAll((all) => all.filter((img) => img.complete && img.naturalWidth > 100).length);
    if (drawn < 4) throw new Error(`${drawn} of 5 pictures are shown`);
    await picture(examiner, pictures, 'files-images');
    await examiner.choose('#to', 'wsq');
    await examiner.page.locator('button.main').click();
    await examiner.settle();
    await examiner.sees('Converted to wsq', 'coded with loss');
    const [download] = await Promise.all([examiner.page.waitForEvent('download'), examiner.page.locator('#converted a.button').click()]);
    const wsq = readFileSync(await download.path());
    if (wsq.readUInt16BE(0) !== 0xffa0) throw new Error('what was downloaded is no WSQ');
    await examiner.settle();

    // Minutiae are drawn; the tree opens and closes by keyboard.
    const png = join(folder, '001_1.png');
    execFileSync(program, ['extract', png, '--out', join(folder, 'one.fmr')]);
    await open('one.fmr', readFileSync(join(folder, 'one.fmr')));
    await examiner.sees('One set of minutiae', 'iso-19794-2');
    await examiner.page.locator('.tree summary').first().press('Enter');
    await picture(examiner, pictures, 'files-minutiae');

    // What cannot be read says so, and leads back to the form.
    await open('photo.gif', Buffer.from('GIF89a'));
    await examiner.sees('The file was not read', 'GIF');
    await picture(examiner, pictures, 'files-unread', { stay: true });
    await examiner.page.getByRole('link', { name: 'Go back' }).press('Enter');
    await examiner.settle();
    await examiner.sees('Open a file');
    await examiner.leave();

    const supervisor = await Person.come(browser, service);
    await supervisor.signIn('supervisor');
    await supervisor.go('/oversight-log?event=file.');
    await supervisor.sees('a file that was brought was opened', 'turned into another format', 'exchange with another authority');
    await supervisor.leave();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A hand as one record of ISO/IEC 19794-4:2005: its header counts images, and they follow each other. */
function handOf(program, folder) {
  execFileSync(program, ['synth', 'prints', '--count', '5', '--seed', '17', '--out', folder]);
  const records = FINGERS.map((finger, k) => {
    const to = join(folder, `${finger}.fir`);
    execFileSync(program, ['convert', join(folder, `00${k + 1}_1.png`), to, '--to', 'iso-19794-4-2005', '--finger', finger]);
    return readFileSync(to);
  });
  const header = Buffer.from(records[0].subarray(0, 32));
  const all = Buffer.concat([header, ...records.map((record) => record.subarray(32))]);
  all.writeUIntBE(all.length, 8, 6);
  all.writeUInt8(records.length, 18);
  return all;
}
