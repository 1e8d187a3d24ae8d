// A participant of a room by the plain protocol at /sfu.
import { SEND_ONLY } from './calls.mjs';
import { Plain } from './plain.mjs';

export class Guest {
	static async connect(server, query = '') {
		const guest = new Guest();
		guest.plain = await Plain.connect(`ws://127.0.0.1:${server.ports.http}/sfu${query}`);
		return guest;
	}

	/** @return the participant, with `found`: the room's welcome */
	static async join(server, participant_id, room_id = 'lobby', extra = {}) {
		const guest = await Guest.connect(server);
		await guest.join(participant_id, room_id, extra);
		return guest;
	}

	async join(participant_id, room_id = 'lobby', extra = {}) {
		this.id = participant_id;
		this.say({ type: 'join_room', room_id, participant_id, ...extra });
		this.found = await this.hear('room_joined');
	}

	say(message) { this.plain.say(message); }
	hear(type, ms) { return this.plain.hear(type, ms); }
	refused(message) { return this.plain.refused(message); }
	close() { return this.plain.close(); }

	/** Publish the lines of an offer, each by its mid. @param more of the offer */
	async publish(peers, lines = SEND_ONLY, more = {}) {
		for (const [i, line] of lines.entries())
			this.say({ type: 'publish_track', track_id: String(i), track_type: line.kind });
		await this.offer(peers, lines, more);
	}

	async offer(peers, lines, more = {}) {
		const sdp = await peers.offer(`${this.id} up`, lines);
		this.say({ type: 'offer', offer: { type: 'offer', sdp, ...more } });
		await peers.take(`${this.id} up`, (await this.hear('answer')).answer.sdp);
	}

	async subscribe(publisher_id, track_id) {
		this.say({ type: 'subscribe_track', publisher_id, track_id });
		return this.hear('subscribed');
	}

	/** Answer the server's next offer. @return its SDP */
	async accept(peers) {
		const { offer } = await this.hear('offer');
		const sdp = await peers.answer(`${this.id} down`, offer.sdp);
		this.say({ type: 'answer', answer: { type: 'answer', sdp } });
		return offer.sdp;
	}
}
