// Asking an authenticator: what it is asked stands in the form, what it answers goes into the form's fields. Nothing is decided here.
const form = document.querySelector<HTMLFormElement>('form[data-passkey]');

interface Question {
  site: string;
  challenge: string;
  keys?: string[];
  user?: string;
  login?: string;
  bound?: string[];
  hardware?: boolean;
}

const octets = (text: string) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));

const text = (octets: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(octets)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

const keys = (ids: string[] = []) => ids.map((id) => ({ type: 'public-key' as const, id: octets(id) }));

async function make(asked: Question): Promise<Record<string, ArrayBuffer>> {
  const made = (await navigator.credentials.create({
    publicKey: {
      rp: { id: asked.site, name: 'Tanba' },
      user: { id: octets(asked.user ?? ''), name: asked.login ?? '', displayName: asked.login ?? '' },
      challenge: octets(asked.challenge),
      pubKeyCredParams: [-7, -8].map((alg) => ({ type: 'public-key' as const, alg })),
      excludeCredentials: keys(asked.bound),
      authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
      attestation: asked.hardware ? 'direct' : 'none',
    },
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return { client_data: response.clientDataJSON, attestation: response.attestationObject };
}

async function sign(asked: Question): Promise<Record<string, ArrayBuffer>> {
  const signed = (await navigator.credentials.get({
    publicKey: {
      rpId: asked.site,
      challenge: octets(asked.challenge),
      allowCredentials: keys(asked.keys),
      userVerification: 'required',
    },
  })) as PublicKeyCredential;
  const response = signed.response as AuthenticatorAssertionResponse;
  return {
    credential: signed.rawId,
    client_data: response.clientDataJSON,
    authenticator_data: response.authenticatorData,
    signature: response.signature,
  };
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const failed = form.querySelector<HTMLElement>('[data-failed]');
  if (failed) failed.hidden = true;
  const asked = JSON.parse(form.dataset.question ?? '{}') as Question;
  (form.dataset.passkey === 'make' ? make(asked) : sign(asked))
    .then((answer) => {
      for (const [name, value] of Object.entries(answer)) {
        const field = form.elements.namedItem(name);
        if (field instanceof HTMLInputElement) field.value = text(value);
      }
      form.submit();
    })
    .catch(() => {
      if (failed) failed.hidden = false;
    });
});
