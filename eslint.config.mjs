// ESLint for the pages, the tests and the tools: tests/node_modules/.bin/eslint, once `npm ci` has run in tests/.
import { createRequire } from 'node:module';

const require = createRequire(new URL('tests/', import.meta.url));
const js = require('@eslint/js');
const globals = require('globals');

// Of tests/lib/*-page.js, and of the guide's page.
const OF_PAGES = Object.fromEntries(['peers', 'makePeer', 'exchange', 'hear', 'DataChannelClient', 'ScreenShareClient',
	'RecordingClient'].map((name) => [name, 'readonly']));

export default [
	{ ignores: ['build*/**', '**/node_modules/**', 'tests/fuzz/**', '**/vendor/**'] },
	js.configs.recommended,
	{
		languageOptions: { ecmaVersion: 2023, sourceType: 'module' },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			'array-callback-return': 'error',
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'max-lines': ['error', 800],
			'max-lines-per-function': ['error', { max: 80, skipComments: true }],
			'no-else-return': 'error',
			'no-empty': ['error', { allowEmptyCatch: true }],
			'no-implicit-globals': 'error',
			'no-nested-ternary': 'error',
			'no-throw-literal': 'error',
			'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
			'no-var': 'error',
			'object-shorthand': 'error',
			'prefer-const': ['error', { destructuring: 'all' }],
			semi: 'error',
		},
	},
	{ files: ['html/**'], languageOptions: { globals: globals.browser } },
	{ files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
	// Functions that tests hand to a page run there, among the globals of that page; they take the
	// names of what is handed over.
	{ files: ['tests/**'], languageOptions: { globals: { ...globals.browser, ...OF_PAGES } } },
	{ files: ['html/**', 'docs/**', 'bench/**'], rules: { 'no-shadow': 'error' } },
];
