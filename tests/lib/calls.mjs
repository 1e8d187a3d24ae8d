// The usual calls, made of a signaling client and a browser's PeerConnections.
import { strict as assert } from 'node:assert';

export const CAMERA = [{ kind: 'audio', direction: 'sendrecv' },
	{ kind: 'video', direction: 'sendrecv' }];
export const SEND_ONLY = [{ kind: 'audio', direction: 'sendonly' },
	{ kind: 'video', direction: 'sendonly' }];

/** Call the echo test and wait until its connection is up. @return the plugin handle. */
export async function callEcho(session, peers, name, { lines = CAMERA, body } = {}) {
	const handle = await session.attach('janus.plugin.echotest');
	const sdp = await peers.offer(name, lines);
	const answer = await handle.message(body ?? { audio: true, video: true }, { type: 'offer', sdp });
	assert.equal(answer.result, 'ok', JSON.stringify(answer));
	assert.equal(answer.jsep.type, 'answer');
	await peers.take(name, answer.jsep.sdp);
	await handle.core('webrtcup', () => true, 10000);
	return handle;
}

/** A participant of a room, with at most one connection to publish and one to watch. */
export class Participant {
	static async join(session, peers, room, name) {
		const me = new Participant();
		Object.assign(me, { session, peers, room, name });
		me.handle = await session.attach('janus.plugin.videoroom');
		const joined = await me.handle.message({ request: 'join', ptype: 'publisher', room,
			display: name });
		assert.equal(joined.videoroom, 'joined', JSON.stringify(joined));
		me.id = joined.id;
		me.others = joined.publishers;
		return me;
	}

	async publish(lines = SEND_ONLY, extra = {}) {
		const sdp = await this.peers.offer(`${this.name} up`, lines);
		const answer = await this.handle.message({ request: 'publish', ...extra },
			{ type: 'offer', sdp });
		assert.equal(answer.configured, 'ok', JSON.stringify(answer));
		await this.peers.take(`${this.name} up`, answer.jsep.sdp);
		await this.handle.core('webrtcup', () => true, 10000);
		return answer;
	}

	/** Watch the streams of the given publishers over one connection. */
	async watch(feeds, extra = {}) {
		this.viewer = await this.session.attach('janus.plugin.videoroom');
		const attached = await this.viewer.message({ request: 'join', ptype: 'subscriber',
			room: this.room, streams: feeds.map((feed) => ({ feed })), ...extra });
		assert.equal(attached.videoroom, 'attached', JSON.stringify(attached));
		await this.accept(attached.jsep);
		await this.viewer.core('webrtcup', () => true, 10000);
		return attached;
	}

	/** Answer an offer of the viewing connection. */
	async accept(jsep) {
		assert.equal(jsep.type, 'offer');
		const sdp = await this.peers.answer(`${this.name} down`, jsep.sdp);
		const started = await this.viewer.message({ request: 'start' }, { type: 'answer', sdp });
		assert.equal(started.started, 'ok', JSON.stringify(started));
	}

	/** Wait for the room's notice that someone publishes. @return that publisher. */
	async publisherNoticed(id) {
		const notice = await this.handle.notice(`${id} publishing`,
			(d) => d.publishers?.some((p) => p.id === id), 10000);
		return notice.publishers[0];
	}

	noticed(member, id) {
		return this.handle.notice(`${member} of ${id}`, (d) => d[member] === id, 10000);
	}

	async leave() {
		await this.handle.detach();
		await this.peers.closePeer(`${this.name} up`);
		if (this.viewer)
			await this.viewer.detach();
		await this.peers.closePeer(`${this.name} down`);
	}
}

/** Make a room. @return its id. */
export async function createRoom(session, properties = {}) {
	const handle = await session.attach('janus.plugin.videoroom');
	const created = await handle.message({ request: 'create', publishers: 6, ...properties });
	assert.equal(created.videoroom, 'created', JSON.stringify(created));
	return created.room;
}
