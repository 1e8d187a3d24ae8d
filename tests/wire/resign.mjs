// Signed tokens in a transcript expire; those that were valid are signed again for the day of the run.
import { createHmac } from 'node:crypto';

const LIFE_S = 3600;

/** A signed token for @p realm with @p descriptors, valid for an hour. */
export function signToken(secret, realm, descriptors = [], life_s = LIFE_S) {
	const expiry = Math.floor(Date.now() / 1000) + life_s;
	const data = [expiry, realm, ...descriptors].join(',');
	return `${data}:${sign(secret, data)}`;
}

function sign(secret, data) {
	return createHmac('sha1', secret).update(data).digest('base64');
}

/** @p entries with fresh tokens where they had valid ones with time left when captured. */
export function resign(entries, secret, captured_at_s) {
	const fresh = (token) => {
		const [data, signature] = token.split(':');
		const [expiry, realm, ...descriptors] = (data ?? '').split(',');
		return signature === sign(secret, data) && Number(expiry) > captured_at_s
			? signToken(secret, realm, descriptors) : token;
	};
	return entries.map((e) => (typeof e.msg?.token === 'string'
		? { ...e, msg: { ...e.msg, token: fresh(e.msg.token) } } : e));
}
