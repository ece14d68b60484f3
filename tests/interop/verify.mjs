// Verify tokens with npm jose through a key set it fetches itself.
// Standard input: {"jwks": address, "tokens": [{"compact", "typ"}]}; prints one answer a token:
// {"kid", "id"} or {"error"}.
import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { jwks, tokens } = JSON.parse(readFileSync(0, "utf8"));
const keys = createRemoteJWKSet(new URL(jwks));
const answers = [];
for (const { compact, typ } of tokens) {
  try {
    const { payload, protectedHeader } = await jwtVerify(compact, keys, { algorithms: ["ES256"], typ });
    answers.push({ kid: protectedHeader.kid, id: payload.id });
  } catch (error) {
    answers.push({ error: error.code ?? String(error) });
  }
}
console.log(JSON.stringify(answers));
