const eslint = require('@eslint/js');
const tseslint = require('typescript-eslint');
const tsdoc = require('eslint-plugin-tsdoc');

module.exports = tseslint.config(
    { ignores: ['temp/', 'build/', 'dist/', 'node_modules/', 'coverage/'] },
    eslint.configs.recommended,
    ...tseslint.configs.recommended,
    {
        files: ['**/*.ts'],
        plugins: { tsdoc },
        rules: {
            'tsdoc/syntax': 'error',
            eqeqeq: 'error',
            '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
        },
    },
    {
        files: ['**/*.js'],
        languageOptions: {
            sourceType: 'commonjs',
            globals: {
                module: 'writable',
                require: 'readonly',
                process: 'readonly',
                __dirname: 'readonly',
                console: 'readonly',
            },
        },
        rules: { '@typescript-eslint/no-require-imports': 'off' },
    },
);
