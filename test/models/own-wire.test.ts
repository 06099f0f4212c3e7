/** What is sent to servers with a wire of their own, byte for byte where the form is JSON. */
import { expect, test } from 'vitest';
import { ownProfile } from '../../src/models/own-profiles.ts';
import { magmaPredictBody, namedObservation, openvlaActBody, videoQaFields } from '../../src/models/own-wire.ts';
import { profileOf } from '../../src/models/profiles.ts';
import { promptOf } from '../../src/models/request.ts';

const image = { data: new Uint8Array([1, 2, 3, 4, 5, 6]), widthPx: 2, heightPx: 1 };

test("Magma's /predict gets bare base64 and the prompt without a template", () => {
  const prompt = promptOf(profileOf('magma'), 'arm', { instruction: 'pick up the can' });
  expect(JSON.stringify(magmaPredictBody(prompt, { data: new Uint8Array([1, 2, 3]), format: 'png' }))).toBe(
    '{"image":"AQID","prompt":"What action should the robot take to pick up the can?"}',
  );
});

test("OpenVLA's /act gets an array of rows, columns and colours, and a key only where there is one", () => {
  expect(JSON.stringify(openvlaActBody('Pick up the Can', image))).toBe(
    '{"image":{"__numpy__":"AQIDBAUG","dtype":"|u1","shape":[1,2,3]},"instruction":"Pick up the Can"}',
  );
  expect(JSON.stringify(openvlaActBody('x', image, 'bridge_orig'))).toMatch(/,"unnorm_key":"bridge_orig"}$/);
});

test("CogVLM2's form has the question and the profile's temperature as text", () => {
  const profile = profileOf('cogvlm2-video');
  expect(videoQaFields(profile, promptOf(profile, 'caption'))).toEqual({
    question: 'Please describe the video in detail.',
    temperature: '0.001',
  });
});

test("an observation has the names of the server's config", () => {
  const seen = { image, wristImage: image, state: [1, 2], instruction: 'do something' };
  expect(namedObservation(profileOf('openpi'), seen)).toEqual({
    'observation/image': image,
    'observation/wrist_image': image,
    'observation/state': [1, 2],
    prompt: 'do something',
  });
  const droid = ownProfile('droid', {
    like: 'openpi',
    fields: { image: 'observation/exterior_image_1_left', state: 'observation/joint_position', instruction: 'prompt' },
  });
  expect(Object.keys(namedObservation(droid, { image, state: [1], instruction: 'x' }))).toEqual([
    'observation/exterior_image_1_left',
    'observation/joint_position',
    'prompt',
  ]);
});

test('a part without a name, and a name without a part, are refused', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'config/misfit', message: expect.stringMatching(message) });
  expect(() => namedObservation(profileOf('openpi'), { image, instruction: 'x', state: [1] })).toThrow(
    refused(/expects 'wristImage', the body has none/),
  );
  const plain = ownProfile('plain', { like: 'openpi', fields: { image: 'i', instruction: 'p' } });
  expect(() => namedObservation(plain, { image, instruction: 'x', state: [1] })).toThrow(
    refused(/no name for 'state'/),
  );
  expect(() => namedObservation(profileOf('openvla'), { image, instruction: 'x' })).toThrow(refused(/names no fields/));
});
