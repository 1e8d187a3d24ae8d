/**
 * A small game to share: everybody moves a dot, who touches the star first has a point.
 *
 * There is no referee. Each player says 20 times a second where its dot is, how many points it has
 * and which star it sees; the highest number of a star counts for all. Where a star is follows from
 * its number and the room, so all see it in the same place. Coordinates go from 0 to 1, from the
 * top left.
 */
const SEND_MS = 50;
const SPEED = 0.6; /* of the field in a second */
const REACH = 0.05; /* how near a dot must come */
const SILENT_MS = 3000; /* after this a dot is taken off */
const STARS_MAX = 1_000_000;
const MARGIN = 0.08;
const COLOURS = ['#2dd4bf', '#60a5fa', '#c084fc', '#fbbf24', '#f472b6', '#4ade80'];
const STEPS = {
	arrowleft: [-1, 0],
	a: [-1, 0],
	arrowright: [1, 0],
	d: [1, 0],
	arrowup: [0, -1],
	w: [0, -1],
	arrowdown: [0, 1],
	s: [0, 1],
};

const clamp = (value) => Math.min(1, Math.max(0, value));

/** A number in 0…1 for a text, the same everywhere (32-bit FNV-1a). */
function chance(text) {
	let hash = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
	return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** Where star @p number of a room is. */
export function starPlace(room, number) {
	const along = (axis) => MARGIN + (1 - 2 * MARGIN) * chance(`${room}/${number}/${axis}`);
	return { x: along('x'), y: along('y') };
}

/** What a peer said, if it makes sense. */
function readMove({ position, points, star }) {
	const isCount = (n) => Number.isSafeInteger(n) && n >= 0 && n <= STARS_MAX;
	if (!Number.isFinite(position?.x) || !Number.isFinite(position?.y)) return null;
	return {
		x: clamp(position.x),
		y: clamp(position.y),
		points: isCount(points) ? points : 0,
		star: isCount(star) ? star : 0,
	};
}

export class Game {
	#players = new Map();
	#held = new Set(); /* keys */
	#target = null; /* where the pointer leads */
	#timer = 0;
	#last = 0;
	#told = '';

	/**
	 * @param {HTMLCanvasElement} canvas
	 * @param {Element} words a live region: the game for those who do not see it
	 * @param {object} options
	 * @param {string} options.room
	 * @param {function(object)} options.send to all others
	 * @param {function(string): string} options.nameOf a player's id
	 */
	constructor(canvas, words, { room, send, nameOf }) {
		Object.assign(this, { canvas, words, room, send, nameOf });
		this.me = { x: 0.5, y: 0.5, points: 0, star: 0 };
		this.#listen();
	}

	get players() {
		return this.#players;
	}
	get star() {
		return starPlace(this.room, this.me.star);
	}
	get isOpen() {
		return this.#timer !== 0;
	}

	open() {
		if (this.isOpen) return;
		this.#last = performance.now();
		this.#timer = setInterval(() => this.#turn(), SEND_MS);
		this.#turn();
	}

	close() {
		clearInterval(this.#timer);
		this.#timer = 0;
		this.#held.clear();
		this.#target = null;
		this.send({ type: 'player_gone' });
	}

	/** A message of a peer. */
	heard(id, message) {
		if (message.type === 'player_gone') this.#players.delete(id);
		const move = message.type === 'player_move' ? readMove(message) : null;
		if (!move) return;
		this.#players.set(id, { ...move, at: performance.now() });
		this.me.star = Math.max(this.me.star, move.star);
	}

	left(id) {
		this.#players.delete(id);
	}

	#turn() {
		const now = performance.now();
		this.#move(Math.min(200, now - this.#last) / 1000);
		this.#last = now;
		for (const [id, player] of this.#players)
			if (now - player.at > SILENT_MS) this.#players.delete(id);
		const star = this.star;
		if (Math.hypot(star.x - this.me.x, star.y - this.me.y) < REACH) {
			this.me.points++;
			this.me.star++;
		}
		const { x, y, points, star: number } = this.me;
		this.send({ type: 'player_move', position: { x, y }, points, star: number });
		this.#draw();
		this.#describe();
	}

	#move(seconds) {
		const step = [0, 0];
		for (const key of this.#held) STEPS[key].forEach((d, axis) => (step[axis] += d));
		if (this.#target) {
			step[0] = this.#target.x - this.me.x;
			step[1] = this.#target.y - this.me.y;
		}
		const length = Math.hypot(...step);
		if (!length) return;
		const way = Math.min(SPEED * seconds, this.#target ? length : Infinity);
		this.me.x = clamp(this.me.x + (step[0] / length) * way);
		this.me.y = clamp(this.me.y + (step[1] / length) * way);
	}

	#listen() {
		const on = (type, action) => this.canvas.addEventListener(type, action);
		on('keydown', (event) => {
			const key = event.key.toLowerCase();
			if (!STEPS[key] || event.ctrlKey || event.metaKey || event.altKey) return;
			event.preventDefault(); /* the page would scroll */
			event.stopPropagation(); /* letters mean other things elsewhere */
			this.#held.add(key);
		});
		on('keyup', (event) => this.#held.delete(event.key.toLowerCase()));
		on('blur', () => this.#held.clear());
		const lead = (event) => {
			const box = this.canvas.getBoundingClientRect();
			this.#target = {
				x: clamp((event.clientX - box.left) / box.width),
				y: clamp((event.clientY - box.top) / box.height),
			};
		};
		on('pointerdown', (event) => {
			this.canvas.setPointerCapture(event.pointerId);
			lead(event);
		});
		on('pointermove', (event) => this.#target && lead(event));
		for (const type of ['pointerup', 'pointercancel']) on(type, () => (this.#target = null));
	}

	/** Twenty pictures a second, nothing between them: calm enough for those who want it calm. */
	#draw() {
		const { canvas } = this;
		const pen = canvas.getContext('2d');
		const { width, height } = canvas;
		pen.clearRect(0, 0, width, height);
		drawStar(pen, this.star.x * width, this.star.y * height, REACH * width * 0.7);
		const players = [...this.#players].map(([id, p]) => [this.nameOf(id), p, id]);
		for (const [name, player, id] of [...players, ['You', this.me, '']])
			drawDot(pen, player, { name, id, width, height });
	}

	/** Said when it changes: whose turn of luck, and where the star is in words. */
	#describe() {
		const points = (n) => `${n} ${n === 1 ? 'point' : 'points'}`;
		const scores = [...this.#players].map(
			([id, player]) => `${this.nameOf(id)}: ${points(player.points)}`
		);
		const words = [
			`You: ${points(this.me.points)}.`,
			...scores.map((s) => `${s}.`),
			`The star is ${this.#direction()}.`,
		].join(' ');
		if (words === this.#told) return;
		this.#told = words;
		this.words.textContent = words;
	}

	#direction() {
		const [x, y] = [this.star.x - this.me.x, this.star.y - this.me.y];
		const parts = [];
		if (Math.abs(y) > REACH / 2) parts.push(y < 0 ? 'above you' : 'below you');
		if (Math.abs(x) > REACH / 2) parts.push(x < 0 ? 'to your left' : 'to your right');
		return parts.join(', ') || 'here';
	}
}

function drawStar(pen, x, y, radius) {
	pen.beginPath();
	for (let i = 0; i < 10; i++) {
		const r = i % 2 ? radius * 0.45 : radius;
		const angle = (i * Math.PI) / 5 - Math.PI / 2;
		pen.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
	}
	pen.closePath();
	pen.fillStyle = '#fde047';
	pen.fill();
}

function drawDot(pen, player, { name, id, width, height }) {
	const [x, y, radius] = [player.x * width, player.y * height, width * 0.03];
	pen.beginPath();
	pen.arc(x, y, radius, 0, 2 * Math.PI);
	pen.fillStyle = id ? COLOURS[Math.floor(chance(id) * COLOURS.length)] : '#fff';
	pen.fill();
	pen.font = `${Math.round(width * 0.048)}px system-ui, sans-serif`;
	pen.textAlign = 'center';
	pen.fillStyle = '#e8eeec';
	const label = `${name} · ${player.points}`;
	const half = pen.measureText(label).width / 2 + 4;
	const isLow = y > height * 0.9; /* then above it */
	pen.fillText(
		label,
		Math.min(width - half, Math.max(half, x)),
		isLow ? y - 1.5 * radius : y + 2.8 * radius
	);
}
