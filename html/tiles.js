/**
 * The wall of pictures: one tile per person, one more per shared screen, in the grid that shows
 * them largest.
 */
import { showReason } from './reasons.js';
import { el, icon, play } from './ui.js';

const GAP_PX = 8;
/** Cameras are 16:9; a little cropping at the sides is a fair price for larger tiles. */
const SHAPES = [16 / 9, 4 / 3];
/** How much of the longer side a shared screen gets. */
const STAGE_SHARE = 0.75;
const HUES = [
	'#0f766e',
	'#1d4ed8',
	'#7c3aed',
	'#b45309',
	'#be185d',
	'#15803d',
	'#0369a1',
	'#a16207',
];

/**
 * The number of columns and the tile size that fill a space best.
 * @returns {{columns: number, width: number, height: number}} in CSS pixels
 */
export function bestGrid(count, width, height, gap = GAP_PX) {
	let best = { columns: 1, width: 0, height: 0 };
	for (const shape of SHAPES) {
		for (let columns = 1; columns <= count; columns++) {
			const rows = Math.ceil(count / columns);
			const fitHeight = Math.min(
				(width - gap * (columns - 1)) / columns / shape,
				(height - gap * (rows - 1)) / rows
			);
			if (fitHeight * fitHeight * shape > best.width * best.height)
				best = {
					columns,
					width: Math.floor(fitHeight * shape),
					height: Math.floor(fitHeight),
				};
		}
	}
	return best;
}

/** Put tiles into a box, rows centred. @returns the height of a tile */
function place(tiles, box) {
	const { columns, width, height } = bestGrid(tiles.length, box.width, box.height);
	const rows = Math.ceil(tiles.length / columns);
	const top = box.y + (box.height - rows * (height + GAP_PX) + GAP_PX) / 2;
	tiles.forEach((tile, i) => {
		const row = Math.floor(i / columns);
		const inRow = Math.min(columns, tiles.length - row * columns);
		const left = box.x + (box.width - inRow * (width + GAP_PX) + GAP_PX) / 2;
		Object.assign(tile.element.style, {
			width: `${width}px`,
			height: `${height}px`,
			left: `${left + (i % columns) * (width + GAP_PX)}px`,
			top: `${top + row * (height + GAP_PX)}px`,
		});
	});
	return height;
}

/** Three bars with words for those who cannot see them. */
export function qualityMark() {
	return el(
		'span',
		{
			class: 'quality',
			role: 'img',
			'data-test': 'quality',
			'data-grade': 'unknown',
			'aria-label': 'Connection: no media yet',
		},
		el('i'),
		el('i'),
		el('i')
	);
}

export function showQuality(mark, { grade, words }) {
	mark.dataset.grade = grade;
	mark.title = `Connection: ${words}`;
	mark.setAttribute('aria-label', mark.title);
}

function initials(name) {
	const words = name.trim().split(/\s+/);
	return (
		[...words.map((word) => [...word][0]).filter(Boolean)].slice(0, 2).join('').toUpperCase() ||
		'?'
	);
}

function hueOf(name) {
	const sum = [...name].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) | 0, 7);
	return HUES[Math.abs(sum) % HUES.length];
}

class Tile {
	#tracks = [];

	constructor(feed, { isSelf, isScreen }) {
		this.feed = feed;
		this.isScreen = isScreen;
		this.video = el('video', {
			autoplay: true,
			playsinline: true,
			class: isSelf && !isScreen ? 'mirror' : '',
		});
		this.video.muted = isSelf;
		this.video.addEventListener('resize', () => this.#fit());
		this.avatar = el('span');
		this.who = el('span', { class: 'who' });
		this.quality = qualityMark();
		this.reason = el('p', { class: 'reason', 'data-test': 'reason', role: 'status' });
		const mark = el(
			'span',
			{ class: 'muted-mark', role: 'img', 'aria-label': 'muted' },
			icon('mic-off')
		);
		this.element = el(
			'li',
			{ class: 'tile no-picture', 'data-test': 'tile', 'data-feed': feed },
			this.video,
			el('div', { class: 'avatar', 'aria-hidden': 'true' }, this.avatar),
			this.reason,
			el('div', { class: 'label' }, mark, this.who, this.quality)
		);
		if (isSelf) this.element.dataset.self = 'true';
		this.element.classList.toggle('whole', isScreen);
	}

	setName(name, suffix = '') {
		this.who.textContent = name + suffix;
		this.avatar.textContent = initials(name);
		this.element.style.setProperty('--hue', hueOf(name));
		this.video.setAttribute('aria-label', `Picture of ${name}${suffix}`);
	}

	setTracks(tracks, onRefused) {
		/* by identity: on a new connection a track comes again under its old id */
		const isSame = tracks.every((track, i) => track === this.#tracks[i]);
		if (isSame && tracks.length === this.#tracks.length) return;
		this.#tracks = tracks;
		this.video.srcObject = tracks.length ? new MediaStream(tracks) : null;
		if (tracks.length) play(this.video, onRefused);
	}

	setPicture(hasPicture) {
		this.element.classList.toggle('no-picture', !hasPicture);
	}
	setMuted(isMuted) {
		this.element.classList.toggle('is-muted', isMuted);
	}
	setSpeaking(isSpeaking) {
		this.element.classList.toggle('speaking', isSpeaking);
	}
	setQuality(verdict) {
		showQuality(this.quality, verdict);
	}
	/** Why no picture moves, see {@link Reasons}; null: it moves. */
	setReason(reason) {
		showReason(this.reason, reason);
	}

	/** A portrait picture would lose most of itself in a landscape tile. */
	#fit() {
		const isPortrait = this.video.videoHeight > this.video.videoWidth;
		this.element.classList.toggle('whole', this.isScreen || isPortrait);
	}
}

/** All tiles; keeps them laid out as the space and their number change. */
export class Wall {
	#tiles = new Map();

	constructor(list, onRefused) {
		this.list = list;
		this.onRefused = onRefused;
		new ResizeObserver(() => this.#layout()).observe(list);
	}

	get tiles() {
		return [...this.#tiles.values()];
	}
	/** Height of a tile in device pixels: how much picture is worth asking for. */
	get tilePixels() {
		return (this.height ?? 0) * devicePixelRatio;
	}

	get(feed, isScreen = false) {
		return this.#tiles.get(`${feed}${isScreen ? '/screen' : ''}`);
	}

	/** The tile for a person's camera or screen, made on first use. */
	ensure(feed, { isSelf = false, isScreen = false } = {}) {
		let tile = this.get(feed, isScreen);
		if (!tile) {
			tile = new Tile(feed, { isSelf, isScreen });
			this.#tiles.set(`${feed}${isScreen ? '/screen' : ''}`, tile);
			this.list.append(tile.element);
			this.#layout();
		}
		return tile;
	}

	/** Drop every tile that the predicate does not want any more. */
	keep(isWanted) {
		for (const [name, tile] of this.#tiles) {
			if (isWanted(tile)) continue;
			tile.video.srcObject = null;
			tile.element.remove();
			this.#tiles.delete(name);
		}
		this.#layout();
	}

	/**
	 * Shared screens get most of the space, faces the rest; without a screen the faces have it all.
	 */
	#layout() {
		const screens = this.tiles.filter((tile) => tile.isScreen);
		const faces = this.tiles.filter((tile) => !tile.isScreen);
		const { clientWidth: width, clientHeight: height } = this.list;
		if (!screens.length) {
			this.height = place(faces, { x: 0, y: 0, width, height });
			return;
		}
		const isWide = width > height;
		const main = isWide ? Math.floor(width * STAGE_SHARE) : width;
		const inShape = (width / SHAPES.at(-1)) * screens.length; /* more would stay empty */
		const high = isWide ? height : Math.floor(Math.min(height * STAGE_SHARE, inShape));
		place(screens, { x: 0, y: 0, width: main, height: high });
		this.height = place(
			faces,
			isWide
				? { x: main + GAP_PX, y: 0, width: width - main - GAP_PX, height }
				: { x: 0, y: high + GAP_PX, width, height: height - high - GAP_PX }
		);
	}
}
