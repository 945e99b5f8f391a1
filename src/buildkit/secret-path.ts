/** Where the step of a helper build finds its secret, which BuildKit keeps in memory only. */
export const SECRET_PATH = '/slipway/secret.json';
