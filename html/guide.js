/**
 * A mesh of browsers: everybody is connected to everybody, the server only introduces them.
 *
 * | class               | adds                                                                 |
 * |---------------------|----------------------------------------------------------------------|
 * | `WebRTCClient`      | the call: signaling, one RTCPeerConnection per peer, local stream    |
 * | `DataChannelClient` | messages to one peer or all: `sendTo`, `broadcast`, `onMessage`      |
 * | `ScreenShareClient` | the screen in place of the camera: `startScreenShare`, `stop…`       |
 * | `RecordingClient`   | a file of any stream, in chunks of a second: `startRecording`, `stop…`|
 * | `MeshClient`        | all of it                                                            |
 *
 * The messages on the WebSocket are in docs/protocols.md. Callbacks, set by `on(event, callback)`:
 *
 * | event                | arguments              | meaning                                         |
 * |----------------------|------------------------|-------------------------------------------------|
 * | `onRemoteStream`     | peer id, MediaStream   | a peer's picture or sound is there              |
 * | `onPeerConnected`    | peer id                | the line to a peer is up                        |
 * | `onPeerDisconnected` | peer id                | it broke, perhaps for a moment, or the peer left|
 * | `onPeerJoined`       | peer id                | a peer is in the room                           |
 * | `onPeerLeft`         | peer id                | … and no longer                                 |
 * | `onSignaling`        | `{state, error}`       | `joined`, `lost` (it tries again by itself) or  |
 * |                      |                        | `refused` (it does not)                         |
 * | `onChannelOpen`      | peer id                | messages can be sent to it                      |
 * | `onScreenStopped`    |                        | the screen is no longer shared, whoever said so |
 * | `onRecorded`         | Blob, file name        | a recording is whole; without it, it is saved   |
 */

const CONNECT_TIMEOUT_MS = 8000;
const RETRY_MS = [250, 500, 1000, 2000, 4000, 8000];
const CHUNK_MS = 1000;
const KINDS = ['audio', 'video'];
/** More than this waiting in a channel, and what is only worth something fresh is left out. */
const STALE_BYTES = 65536;

/** Why the server let this peer not in. `code` as in docs/protocols.md, `reason` in its words. */
export class MeshError extends Error {
	constructor(code, reason) {
		super(reason);
		this.name = 'MeshError';
		this.code = code;
	}
}

export class WebRTCClient {
	#retry = 0;
	#retryTimer = 0;
	#isStopped = true;
	#access = {};
	#listed = new Set(); /* whom the server knows in the room */
	#offered = new Set(); /* peers that were called from here, and are called again from here */

	/**
	 * @param {string} signalingUrl
	 * @param {string} peerId
	 * @param {string} roomId
	 * @param {object} [access] what else `join` carries: `pin`, `token`
	 */
	constructor(signalingUrl, peerId, roomId, access = {}) {
		this.signalingUrl = signalingUrl;
		this.peerId = peerId;
		this.roomId = roomId;
		this.ws = null;
		this.peers = new Map(); /* peer id → RTCPeerConnection */
		this.present = new Set(); /* ids of all in the room, or still on the line */
		this.localStream = null;
		this.iceServers = [];
		this.callbacks = {};
		this.#access = access;
	}

	on(event, callback) {
		this.callbacks[event] = callback;
	}

	/**
	 * Enter the room. @param {MediaStream|object} media a stream, or constraints to open one by.
	 * Rejects with a {@link MeshError} where the server refuses, with another when it is not there.
	 */
	async start(media = { video: true, audio: true }) {
		this.localStream =
			media instanceof MediaStream ? media : await navigator.mediaDevices.getUserMedia(media);
		this.#isStopped = false;
		try {
			await this.connectSignaling();
		} catch (error) {
			this.#isStopped = true;
			this.ws.close();
			throw error;
		}
		return this.localStream;
	}

	/** Resolves when the server has let this peer in. */
	connectSignaling() {
		return new Promise((resolve, reject) => {
			const ws = (this.ws = new WebSocket(this.signalingUrl));
			const late = setTimeout(() => ws.close(), CONNECT_TIMEOUT_MS);
			let isIn = false;
			let refusal = null;
			ws.onopen = () =>
				ws.send(
					JSON.stringify({
						type: 'join',
						peer_id: this.peerId,
						room_id: this.roomId,
						...this.#access,
					})
				);
			ws.onmessage = ({ data }) => {
				const message = JSON.parse(data);
				if (message.type === 'error' && !isIn) {
					refusal = new MeshError(message.code, message.reason);
					ws.close();
				}
				if (message.type === 'room_peers') {
					isIn = true;
					clearTimeout(late);
					this.#retry = 0;
					resolve();
					this.#tell('onSignaling', { state: 'joined' });
				}
				if (ws === this.ws && !this.#isStopped) this.handleSignalingMessage(message);
			};
			ws.onclose = () => {
				clearTimeout(late);
				reject(refusal ?? new Error('The server does not answer.'));
				if (ws === this.ws && isIn) this.#reconnect();
			};
		});
	}

	/** Media goes on without the server; only nobody new can come. Try for as long as it takes. */
	#reconnect() {
		if (this.#isStopped) return;
		this.#tell('onSignaling', { state: 'lost' });
		const ms = RETRY_MS[Math.min(this.#retry++, RETRY_MS.length - 1)];
		clearTimeout(this.#retryTimer);
		this.#retryTimer = setTimeout(() => {
			this.connectSignaling().catch((error) => {
				if (this.#isStopped) return;
				if (error instanceof MeshError)
					this.#tell('onSignaling', { state: 'refused', error });
				else this.#reconnect();
			});
		}, ms);
	}

	/** A peer's nonsense, or a peer that left meanwhile, is said on the console; the others go on. */
	async handleSignalingMessage(message) {
		await this.#handle(message).catch((error) => console.warn(message.type, error));
	}

	async #handle(message) {
		switch (message.type) {
			case 'room_peers':
				await this.#callAll(message.peers);
				break;
			case 'ice_servers': /* fresh ones, for the calls to come */
				if (Array.isArray(message.iceServers)) this.iceServers = message.iceServers;
				break;
			case 'peer_joined':
				this.#meet(message.peer_id); /* it will call */
				break;
			case 'error':
				console.warn(`The server says ${message.code}: ${message.reason}`);
				break;
			case 'peer_left':
				this.handlePeerLeft(message.peer_id);
				break;
			case 'offer':
				this.#meet(message.from);
				await this.handleOffer(message.from, message.offer);
				break;
			case 'answer':
				await this.handleAnswer(message.from, message.answer);
				break;
			case 'ice_candidate':
				await this.handleIceCandidate(message.from, message.candidate);
				break;
		}
	}

	/**
	 * Who comes calls those who are there; so no two call each other at once. After a server was
	 * away, some may not have come back to it while their line still stands: that is kept.
	 */
	async #callAll(peers) {
		this.#listed = new Set(peers);
		for (const id of this.present)
			if (!this.#listed.has(id) && this.peers.get(id)?.connectionState !== 'connected')
				this.handlePeerLeft(id);
		for (const id of peers) this.#meet(id);
		await Promise.all(peers.map((id) => this.createOffer(id)));
	}

	#meet(id) {
		this.#listed.add(id);
		if (this.present.has(id)) return;
		this.present.add(id);
		this.#tell('onPeerJoined', id);
	}

	createPeerConnection(remotePeerId) {
		this.peers.get(remotePeerId)?.close(); /* that peer came again, or its line was broken */
		const pc = new RTCPeerConnection({ iceServers: this.iceServers });
		pc.ontrack = ({ track, streams }) =>
			this.#tell('onRemoteStream', remotePeerId, streams[0] ?? new MediaStream([track]));
		pc.onicecandidate = ({ candidate }) => {
			if (candidate) this.send({ type: 'ice_candidate', target: remotePeerId, candidate });
		};
		pc.onconnectionstatechange = () => this.#stateChanged(remotePeerId, pc);
		this.peers.set(remotePeerId, pc);
		return pc;
	}

	#stateChanged(id, pc) {
		if (this.peers.get(id) !== pc) return;
		if (pc.connectionState === 'connected') this.#tell('onPeerConnected', id);
		if (!['failed', 'disconnected'].includes(pc.connectionState)) return;
		if (!this.#listed.has(id)) {
			this.handlePeerLeft(id);
			return;
		}
		this.#tell('onPeerDisconnected', id);
		if (pc.connectionState === 'failed' && this.#offered.has(id))
			this.createOffer(id).catch((error) => console.warn('no new call', error));
	}

	async createOffer(remotePeerId) {
		const pc = this.createPeerConnection(remotePeerId);
		this.#offered.add(remotePeerId);
		this.openChannels?.(remotePeerId, pc);
		/* both kinds, even without a device: to receive, and for one that is switched on later */
		for (const kind of KINDS)
			pc.addTransceiver(this.trackToSend(kind) ?? kind, {
				direction: 'sendrecv',
				streams: [this.localStream],
			});
		await pc.setLocalDescription();
		this.send({ type: 'offer', target: remotePeerId, offer: pc.localDescription });
	}

	async handleOffer(fromPeerId, offer) {
		/* both called again at once: the lesser id's call counts */
		const isCalling = this.peers.get(fromPeerId)?.signalingState === 'have-local-offer';
		if (isCalling && this.peerId < fromPeerId) return;
		const pc = this.createPeerConnection(fromPeerId);
		this.#offered.delete(fromPeerId);
		await pc.setRemoteDescription(offer);
		for (const transceiver of pc.getTransceivers()) {
			const track = this.trackToSend(transceiver.receiver.track.kind);
			transceiver.direction = 'sendrecv';
			transceiver.sender.setStreams?.(this.localStream);
			if (track) await transceiver.sender.replaceTrack(track);
		}
		await pc.setLocalDescription();
		this.send({ type: 'answer', target: fromPeerId, answer: pc.localDescription });
	}

	async handleAnswer(fromPeerId, answer) {
		await this.peers.get(fromPeerId)?.setRemoteDescription(answer);
	}

	async handleIceCandidate(fromPeerId, candidate) {
		await this.peers.get(fromPeerId)?.addIceCandidate(candidate);
	}

	handlePeerLeft(peerId) {
		this.peers.get(peerId)?.close();
		this.peers.delete(peerId);
		this.#offered.delete(peerId);
		this.#listed.delete(peerId);
		if (!this.present.delete(peerId)) return;
		this.#tell('onPeerDisconnected', peerId);
		this.#tell('onPeerLeft', peerId);
	}

	/** What the others get of a kind at the moment, or null. */
	trackToSend(kind) {
		return this.localStream.getTracks().find((track) => track.kind === kind) ?? null;
	}

	/** Take another camera or microphone, or none: no negotiation, the others see the change. */
	async setTrack(kind, track) {
		for (const old of this.localStream.getTracks().filter((t) => t.kind === kind))
			this.localStream.removeTrack(old);
		if (track) this.localStream.addTrack(track);
		await this.resend(kind);
	}

	/** Let all senders of a kind send {@link trackToSend}. */
	async resend(kind) {
		const track = this.trackToSend(kind);
		const senders = [...this.peers.values()].flatMap((pc) =>
			pc
				.getTransceivers()
				.filter((t) => t.receiver.track.kind === kind)
				.map((t) => t.sender)
		);
		/* one that is being closed may refuse, which is as well */
		await Promise.allSettled(senders.map((sender) => sender.replaceTrack(track)));
	}

	send(message) {
		if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(message));
	}

	#tell(event, ...args) {
		this.callbacks[event]?.(...args);
	}

	/** Leave. The devices are stopped as well. */
	stop() {
		this.#isStopped = true;
		clearTimeout(this.#retryTimer);
		for (const pc of this.peers.values()) pc.close();
		this.peers.clear();
		this.present.clear();
		for (const track of this.localStream?.getTracks() ?? []) track.stop();
		this.ws?.close();
	}
}

const withMessages = (Base) =>
	class extends Base {
		dataChannels = new Map(); /* peer id → RTCDataChannel */
		messageHandlers = [];

		/** @param {function(string, object)} handler gets a peer's id and what it said */
		onMessage(handler) {
			this.messageHandlers.push(handler);
		}

		createPeerConnection(remotePeerId) {
			const pc = super.createPeerConnection(remotePeerId);
			pc.ondatachannel = ({ channel }) => this.setupDataChannel(remotePeerId, channel);
			return pc;
		}

		openChannels(remotePeerId, pc) {
			this.setupDataChannel(remotePeerId, pc.createDataChannel('messages', { ordered: true }));
		}

		setupDataChannel(peerId, channel) {
			const opened = () => {
				this.dataChannels.set(peerId, channel);
				this.callbacks.onChannelOpen?.(peerId);
			};
			channel.onopen = opened;
			channel.onmessage = ({ data }) => this.#received(peerId, data);
			channel.onclose = () => {
				if (this.dataChannels.get(peerId) === channel) this.dataChannels.delete(peerId);
			};
		}

		/** A peer may say anything; what is no message is passed over. */
		#received(peerId, data) {
			let message = null;
			try {
				message = JSON.parse(data);
			} catch {
				return;
			}
			if (typeof message?.type !== 'string') return;
			for (const handler of this.messageHandlers) handler(peerId, message);
		}

		sendTo(peerId, message) {
			const channel = this.dataChannels.get(peerId);
			if (channel?.readyState === 'open') channel.send(JSON.stringify(message));
		}

		broadcast(message) {
			for (const peerId of this.dataChannels.keys()) this.sendTo(peerId, message);
		}

		/** The same for what soon comes anew: left out where the line does not keep up. */
		broadcastFresh(message) {
			for (const [peerId, channel] of this.dataChannels)
				if (channel.bufferedAmount < STALE_BYTES) this.sendTo(peerId, message);
		}
	};

const withScreen = (Base) =>
	class extends Base {
		screenStream = null;

		/** Must follow a click or a key. Rejects when the person changes their mind. */
		async startScreenShare() {
			const stream = await navigator.mediaDevices.getDisplayMedia({
				video: {
					cursor: 'always',
					width: { ideal: 1920 },
					height: { ideal: 1080 },
					frameRate: { ideal: 30 },
				},
			});
			const [track] = stream.getVideoTracks();
			track.contentHint = 'detail';
			track.onended = () => this.stopScreenShare(); /* by the browser's own bar */
			this.screenStream = stream;
			await this.resend('video');
			return stream;
		}

		async stopScreenShare() {
			if (!this.screenStream) return;
			for (const track of this.screenStream.getTracks()) track.stop();
			this.screenStream = null;
			await this.resend('video');
			this.callbacks.onScreenStopped?.();
		}

		/** Who comes while the screen is shared sees the screen as well. */
		trackToSend(kind) {
			const screen = kind === 'video' ? this.screenStream?.getVideoTracks()[0] : null;
			return screen ?? super.trackToSend(kind);
		}

		stop() {
			for (const track of this.screenStream?.getTracks() ?? []) track.stop();
			this.screenStream = null;
			super.stop();
		}
	};

const withRecording = (Base) =>
	class extends Base {
		recorder = null;
		recordedChunks = [];

		startRecording(stream, options = {}) {
			const mimeType = this.getSupportedMimeType();
			const recorder = new MediaRecorder(stream, {
				mimeType,
				videoBitsPerSecond: options.videoBitrate ?? 2_500_000,
			});
			this.recorder = recorder;
			this.recordedChunks = [];
			recorder.ondataavailable = ({ data }) => {
				if (data.size > 0) this.recordedChunks.push(data);
			};
			recorder.onstop = () => this.saveRecording();
			recorder.start(CHUNK_MS); /* what was there before a mishap is kept */
		}

		stopRecording() {
			if (this.recorder && this.recorder.state !== 'inactive') this.recorder.stop();
		}

		getSupportedMimeType() {
			const types = [
				'video/webm;codecs=vp9,opus',
				'video/webm;codecs=vp8,opus',
				'video/webm',
				'video/mp4',
			];
			const type = types.find((name) => MediaRecorder.isTypeSupported(name));
			if (!type) throw new Error('This browser cannot record.');
			return type;
		}

		saveRecording() {
			const type = this.recorder.mimeType.split(';')[0] || 'video/webm';
			const blob = new Blob(this.recordedChunks, { type });
			const name = `recording-${Date.now()}.${type === 'video/mp4' ? 'mp4' : 'webm'}`;
			if (this.callbacks.onRecorded) this.callbacks.onRecorded(blob, name);
			else download(URL.createObjectURL(blob), name);
		}

		stop() {
			this.stopRecording();
			super.stop();
		}
	};

/** Let the browser save what is at an address. */
export function download(href, name) {
	Object.assign(document.createElement('a'), { href, download: name }).click();
}

export const DataChannelClient = withMessages(WebRTCClient);
export const ScreenShareClient = withScreen(WebRTCClient);
export const RecordingClient = withRecording(WebRTCClient);
export const MeshClient = withRecording(withScreen(withMessages(WebRTCClient)));
