// A jest reporter that fails a whole run in which an arrow of docs/states.md was not taken by any test, or one was taken that
// is not drawn. A run of a part of the suite proves nothing of the kind and is left alone.
require('tsx/cjs');
const { mkdtempSync, readdirSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { documentedEdges, edgeText } = require('./diagrams.ts');

class EdgeReporter {
    constructor(globalConfig) {
        this.globalConfig = globalConfig;
    }

    onRunStart() {
        this.folder = mkdtempSync(path.join(tmpdir(), 'state-edges-'));
        process.env.STATE_EDGES_DIR = this.folder;
    }

    onRunComplete(_contexts, results) {
        const files = readdirSync(this.folder).map((name) => path.join(this.folder, name));
        const reached = new Set(files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8'))));
        rmSync(this.folder, { recursive: true });
        if (this.isPartial() || results.wasInterrupted) {
            return;
        }
        const drawn = documentedEdges().map(edgeText);
        const missing = drawn.filter((edge) => !reached.has(edge));
        const undrawn = [...reached].filter((edge) => !drawn.includes(edge)).sort();
        console.log(`\nState diagrams: ${drawn.length - missing.length} of ${drawn.length} edges reached by tests.`);
        missing.forEach((edge) => console.error(`  not reached: ${edge}`));
        undrawn.forEach((edge) => console.error(`  not drawn:   ${edge}`));
        if (drawn.length === 0 || missing.length > 0 || undrawn.length > 0) {
            this.error = new Error('The state diagrams of docs/states.md and what the tests reach differ.');
        }
    }

    isPartial() {
        const { testPathPatterns, testNamePattern, onlyChanged, shard, findRelatedTests } = this.globalConfig;
        const patterns = testPathPatterns?.patterns ?? [];
        return patterns.length > 0 || Boolean(testNamePattern || onlyChanged || shard || findRelatedTests);
    }

    getLastError() {
        return this.error;
    }
}

module.exports = EdgeReporter;
