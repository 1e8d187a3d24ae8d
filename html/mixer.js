/**
 * A whole call as one stream, to be recorded: everybody's picture on one canvas, all sound in one
 * track.
 */
import { bestGrid } from './tiles.js';

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_A_SECOND = 25;
const GAP_PX = 8;

export class Mixer {
	#canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
	#context = new AudioContext();
	#sum = this.#context.createMediaStreamDestination();
	#sources = new Map(); /* id of an audio track → its node */
	#timer = 0;

	/** @param {function(): {video, name: string, hasPicture: boolean}[]} look what is on the wall */
	constructor(look) {
		this.look = look;
		this.#draw();
		this.stream = new MediaStream([
			...this.#canvas.captureStream(FRAMES_A_SECOND).getVideoTracks(),
			...this.#sum.stream.getAudioTracks(),
		]);
		this.#timer = setInterval(() => this.#draw(), 1000 / FRAMES_A_SECOND);
		this.#context.resume();
	}

	/** @param {MediaStreamTrack[]} tracks all sounds of the call from now on */
	hear(tracks) {
		const wanted = new Map(tracks.map((track) => [track.id, track]));
		for (const [id, node] of this.#sources) {
			if (wanted.has(id)) continue;
			node.disconnect();
			this.#sources.delete(id);
		}
		for (const [id, track] of wanted) {
			if (this.#sources.has(id)) continue;
			const node = this.#context.createMediaStreamSource(new MediaStream([track]));
			node.connect(this.#sum);
			this.#sources.set(id, node);
		}
	}

	stop() {
		clearInterval(this.#timer);
		for (const track of this.stream.getTracks()) track.stop();
		this.#context.close();
	}

	#draw() {
		const pen = this.#canvas.getContext('2d');
		const tiles = this.look();
		const { columns, width, height } = bestGrid(tiles.length, WIDTH, HEIGHT, GAP_PX);
		const rows = Math.ceil(tiles.length / columns);
		pen.fillStyle = '#111a18';
		pen.fillRect(0, 0, WIDTH, HEIGHT);
		tiles.forEach((tile, i) => {
			const inRow = Math.min(columns, tiles.length - Math.floor(i / columns) * columns);
			const left = (WIDTH - inRow * (width + GAP_PX) + GAP_PX) / 2;
			const top = (HEIGHT - rows * (height + GAP_PX) + GAP_PX) / 2;
			drawTile(pen, tile, {
				x: left + (i % columns) * (width + GAP_PX),
				y: top + Math.floor(i / columns) * (height + GAP_PX),
				width,
				height,
			});
		});
	}
}

function drawTile(pen, { video, name, hasPicture }, box) {
	pen.fillStyle = '#22312d';
	pen.fillRect(box.x, box.y, box.width, box.height);
	if (hasPicture && video.videoWidth) {
		const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
		const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
		pen.drawImage(
			video,
			box.x + (box.width - width) / 2,
			box.y + (box.height - height) / 2,
			width,
			height
		);
	}
	pen.font = '20px system-ui, sans-serif';
	pen.fillStyle = 'rgb(0 0 0 / 60%)';
	pen.fillRect(box.x + 6, box.y + box.height - 36, pen.measureText(name).width + 16, 30);
	pen.fillStyle = '#fff';
	pen.fillText(name, box.x + 14, box.y + box.height - 14);
}
