import { describe, expect, it } from 'vitest';
import { messageOf, select } from './message.ts';

/** Statement, payload, what is selected (`undefined`: WHERE does not match); under the page of the guide that says so. */
type Row = readonly [sql: string, payload: unknown, selected: unknown];

const color = { color: 'red', temperature: 50 };
const readings = {
  e: [
    { n: 'temperature', u: 'Cel', t: 1234, v: 22.5 },
    { n: 'light', u: 'lm', t: 1235, v: 135 },
    { n: 'acidity', u: 'pH', t: 1235, v: 7 },
  ],
};
const arrays = { attributes: { data1: 1, data2: 2 }, values: [{ a: 3 }, { b: 4 }, { c: 5 }] };
const nested = {
  data1: 'example',
  data2: {
    a: 'first attribute',
    b: 'second attribute',
    c: [
      { x: { someInt: 5, someString: 'hello' }, y: true },
      { x: { someInt: 10, someString: 'world' }, y: false },
    ],
  },
};
const weather = {
  device1: {
    deviceId: 'weather_sensor',
    deviceData: { sensors: { temp_fahrenheit: 75, humidity: 60 }, location: [47.606, -122.332] },
  },
};
const light = `CASE color WHEN 'green' THEN 'go' WHEN 'yellow' THEN 'caution' WHEN 'red' THEN 'stop'
  ELSE 'you are not at a stop light' END`;

const pages: Record<string, Row[]> = {
  'iot-sql-reference': [
    [`SELECT color AS rgb FROM 'a' WHERE temperature > 50`, { color: 'red', temperature: 100 }, { rgb: 'red' }],
    [`SELECT color AS rgb FROM 'a' WHERE temperature > 50`, color, undefined],
    [`SELECT * FROM 'a'`, { 'a key': 1, '': 2 }, { 'a key': 1, '': 2 }],
  ],
  'iot-sql-select': [
    [`SELECT * FROM 'a'`, color, color],
    [`SELECT color FROM 'a'`, color, { color: 'red' }],
    [`SELECT color AS my_color FROM 'a'`, color, { my_color: 'red' }],
    [`SELECT color as my_color, temperature as fahrenheit FROM 'a'`, color, { my_color: 'red', fahrenheit: 50 }],
    [`SELECT *, 15 as speed FROM 'a'`, color, { ...color, speed: 15 }],
    [`SELECT VALUE color FROM 'a'`, color, 'red'],
    [`SELECT color.red as red_value FROM 'a'`, { color: { red: 255, green: 0 } }, { red_value: 255 }],
    [`SELECT color.red FROM 'a'`, { color: { red: 255 } }, { red: 255 }],
    [
      `SELECT (temperature - 32) * 5 / 9 AS celsius, upper(color) as my_color FROM 'a'`,
      color,
      { celsius: 10, my_color: 'RED' },
    ],
    [`SELECT topic(2) FROM 'a'`, {}, { topic: 'kitchen-sensor' }],
    [`SELECT missing, color FROM 'a'`, color, { color: 'red' }],
    [`SELECT missing FROM 'a'`, color, {}],
    [`SELECT value, set, exists FROM 'a'`, { value: 1, set: 2, exists: 3 }, { value: 1, set: 2, exists: 3 }],
    [`SELECT value - 1 AS less FROM 'a'`, { value: 1 }, { less: 0 }],
    [`SELECT reading.value, reading.end FROM 'a'`, { reading: { value: 1, end: 2 } }, { value: 1, end: 2 }],
    [`sElEcT color aS select fRoM 'a' wHeRe color = 'red'`, color, { select: 'red' }],
    [` SELECT\n\tcolor\r\nFROM 'a' `, color, { color: 'red' }],
    [`SELECT color`, color, { color: 'red' }],
  ],
  'iot-rule-sql-version': [[`SELECT VALUE arr FROM 'a'`, { a: { b: 'c' }, arr: [1, 2, 3, 4] }, [1, 2, 3, 4]]],
  'iot-sql-where': [
    [
      `SELECT color AS c FROM 'a' WHERE temperature > 50 AND color <> 'red'`,
      { color: 'red', temperature: 40 },
      undefined,
    ],
    [`SELECT topic() AS t FROM 'a' WHERE isUndefined(t)`, {}, { t: 'rtjm/kitchen-sensor/telemetry' }],
    [`SELECT 1 AS t FROM 'a' WHERE missing = 1`, {}, undefined],
    [`SELECT 1 AS t FROM 'a' WHERE NOT missing = 1`, {}, undefined],
    [`SELECT 1 AS t FROM 'a' WHERE temperature`, color, undefined],
    [
      `SELECT decode(encode(*, 'base64'), 'base64') AS value FROM 'a' WHERE decode(encode(*, 'base64'), 'base64') > 50`,
      '80',
      { value: 80 },
    ],
  ],
  'iot-sql-case': [
    [`SELECT ${light} as instructions FROM 'a'`, { color: 'yellow' }, { instructions: 'caution' }],
    [`SELECT ${light} as instructions FROM 'a'`, { color: 'blue' }, { instructions: 'you are not at a stop light' }],
    [`SELECT ${light} as instructions FROM 'a'`, {}, {}],
    [`SELECT CASE a WHEN 1 THEN 'first' WHEN 1.0 THEN 'second' END AS r FROM 'a'`, { a: 1 }, { r: 'first' }],
    [`SELECT CASE a WHEN 1 THEN 'one' END AS r FROM 'a'`, { a: 2 }, {}],
    [`SELECT CASE a WHEN missing THEN 'no' WHEN null THEN 'null' END AS r FROM 'a'`, { a: null }, { r: 'null' }],
  ],
  'iot-sql-literals': [
    [
      `SELECT {'latitude': get(lat_long, 0),'longitude':get(lat_long, 1)} as lat_long FROM 'a'`,
      { lat_long: [47.606, -122.332] },
      { lat_long: { latitude: 47.606, longitude: -122.332 } },
    ],
    [`SELECT [lat,long] as lat_long FROM 'a'`, { lat: 47.696, long: -122.332 }, { lat_long: [47.696, -122.332] }],
    [
      `SELECT NULL AS n, [] AS a, {} AS o, TRUE AS t, false AS f FROM 'a'`,
      {},
      { n: null, a: [], o: {}, t: true, f: false },
    ],
    [`SELECT 'it''s' AS s, "say ""hi""" AS d, 'C:\\d' AS b FROM 'a'`, {}, { s: "it's", d: 'say "hi"', b: 'C:\\d' }],
    [`SELECT -5 AS i, 1.50 AS d, 2E3 AS e, -2.5e-1 AS m FROM 'a'`, {}, { i: -5, d: 1.5, e: 2000, m: -0.25 }],
    [`SELECT [1, missing, 2] AS a, {'x': missing, "y": 1} AS o FROM 'a'`, {}, { a: [1, 2], o: { y: 1 } }],
  ],
  'iot-sql-nested-queries': [
    [`SELECT (SELECT VALUE n FROM e) as sensors FROM 'a'`, readings, { sensors: ['temperature', 'light', 'acidity'] }],
    [`SELECT (SELECT v FROM e WHERE n = 'temperature') as t FROM 'a'`, readings, { t: [{ v: 22.5 }] }],
    [
      `SELECT get((SELECT v FROM e WHERE n = 'temperature'), 0).v as temperature FROM 'a'`,
      readings,
      { temperature: 22.5 },
    ],
    [`SELECT (SELECT v FROM e WHERE n = 'temperature')[0].v FROM 'a'`, readings, { v: 22.5 }],
    [`SELECT (SELECT * FROM e WHERE v > 100) as t FROM 'a'`, readings, { t: [readings.e[1]] }],
    [
      `SELECT (SELECT *, topic(2) AS d FROM e WHERE v > 100) as t FROM 'a'`,
      readings,
      { t: [{ ...readings.e[1], d: 'kitchen-sensor' }] },
    ],
    [`SELECT VALUE (SELECT VALUE missing FROM e) FROM 'a'`, readings, []],
    [`SELECT (SELECT VALUE x FROM missing) AS x FROM 'a'`, readings, {}],
    [
      `SELECT VALUE (SELECT VALUE (SELECT VALUE * FROM inner WHERE x > 1) FROM outer) FROM 'a'`,
      { outer: [{ inner: [{ x: 1 }, { x: 2 }] }] },
      [[{ x: 2 }]],
    ],
  ],
  'iot-sql-functions, transform': [
    [
      `select value transform("enrichArray", attributes, values) from 'A/B'`,
      arrays,
      [
        { a: 3, data1: 1, data2: 2 },
        { b: 4, data1: 1, data2: 2 },
        { c: 5, data1: 1, data2: 2 },
      ],
    ],
    [
      `select value transform("enrichArray", {"key": attributes.data1}, values) from 'A/B'`,
      arrays,
      [
        { a: 3, key: 1 },
        { b: 4, key: 1 },
        { c: 5, key: 1 },
      ],
    ],
    [
      `select value transform('enrichArray', (select a, b from data2), (select value c from data2)) from 'A/B'`,
      nested,
      nested.data2.c.map((element) => ({ ...element, a: 'first attribute', b: 'second attribute' })),
    ],
  ],
  'iot-sql-json': [
    [`SELECT foo.bar AS bar.baz FROM 'a'`, { foo: { bar: 'RED', bar1: 'GREEN' } }, { bar: { baz: 'RED' } }],
    [`SELECT 1 AS a.b, 2 AS a.c, 3 AS a.d.e FROM 'a'`, {}, { a: { b: 1, c: 2, d: { e: 3 } } }],
    [
      `SELECT * from 'iot/rules' WHERE get(get(get(mydata,"item2"),"0"),"my-key") = "myValue"`,
      { mydata: { item2: { '0': { 'my-key': 'myValue' } } } },
      { mydata: { item2: { '0': { 'my-key': 'myValue' } } } },
    ],
    [
      `SELECT temp, md5(deviceid) AS hashed_id FROM 'topic/#'`,
      { deviceid: 'iot123', temp: 54.98 },
      { temp: 54.98, hashed_id: 'e37f81fb397e595c4aeb5645b8cbbbd1' },
    ],
    [
      `SELECT get(*, 'my-key') AS k, a['my-key'] AS n, b[1] AS i FROM 'a'`,
      { 'my-key': 1, a: { 'my-key': 2 }, b: [3, 4] },
      { k: 1, n: 2, i: 4 },
    ],
    [`SELECT color.red.deep AS d, list.length AS l, color.constructor AS c FROM 'a'`, { color: 'red', list: [1] }, {}],
  ],
  'iot-sql-data-types': [
    [`SELECT NULL AS n FROM 'a'`, {}, { n: null }],
    [`SELECT foo, bar FROM 'a'`, { foo: null }, { foo: null }],
    [`SELECT x FROM 'a'`, '{"x":10.0}', { x: 10 }],
    [`SELECT x + '' AS x FROM 'a'`, '{"x":10.0}', { x: '10' }],
  ],
  'dynamodb-rule-action': [
    [`SELECT * AS message FROM 'a'`, color, { message: color }],
    [`SELECT * AS message, timestamp() AS received FROM 'a'`, color, { message: color, received: 1481825251155 }],
  ],
  'iotsitewise-rule-action': [
    [
      `SELECT floor(timestamp() / 1E3) AS s, (timestamp() % 1E3) * 1E6 AS n FROM 'a'`,
      {},
      { s: 1481825251, n: 155000000 },
    ],
  ],
  'iot-sql-operators (of 2025), IN and EXISTS': [
    [
      `select * from 'a/b' where 3 in arr`,
      { arr: [1, 2, 3, 'three', 5.7, null] },
      { arr: [1, 2, 3, 'three', 5.7, null] },
    ],
    [`select * from 'a/b' where exists (select * from arr as a where a = 3)`, { arr: [1, 2, 3] }, { arr: [1, 2, 3] }],
    [`select * from 'a/b' where exists (select * from arr as a where a = 4)`, { arr: [1, 2, 3] }, undefined],
    [
      `select foo from 'a/b' where exists (select * from e where foo = 2)`,
      { foo: 4, e: [{ foo: 1 }, { foo: 2 }] },
      { foo: 4 },
    ],
    [`select topic(2) in ['shed', 'kitchen-sensor'] AS known from 'a/b'`, {}, { known: true }],
  ],
  'iot-sql-set (of 2025)': [
    [
      `SET @device_sensor_data = device1.deviceData.sensors
       SELECT @device_sensor_data.temp_fahrenheit AS temp_fahrenheit, @device_sensor_data.humidity as humidity,
       device1.deviceId as deviceId FROM 'device/data'`,
      weather,
      { temp_fahrenheit: 75, humidity: 60, deviceId: 'weather_sensor' },
    ],
    [
      `SET @encoded_payload = encode(*, 'base64') SELECT @encoded_payload AS raw_data FROM 'device/binary'`,
      new Uint8Array([0xff, 0x00]),
      { raw_data: '/wA=' },
    ],
    [
      `SET @a = 2, @b = @a * 3 SELECT (SELECT VALUE * FROM list AS x WHERE x < @b) AS small`,
      { list: [5, 6] },
      { small: [5] },
    ],
    [
      `SET @user = user, @limit = 50 SELECT @user.name, t FROM 'a' WHERE t > @limit`,
      { user: { name: 'Jo' }, t: 51 },
      { name: 'Jo', t: 51 },
    ],
    [`SET @missing = missing SELECT isUndefined(@missing) AS u FROM 'a'`, {}, { u: true }],
  ],
};

describe.each(Object.entries(pages))('%s', (_page, rows) => {
  it.each(rows)('%s over %j', (sql, payload, selected) => {
    expect(select(sql, messageOf(payload))).toEqual(selected);
  });
});

describe('where the guide contradicts itself', () => {
  it('divides Ints to an Int, as the table of iot-sql-operators says; the page on SET prints 23.89', () => {
    const sql = `SET @celsius = (temp_fahrenheit - 32) * 5 / 9 SELECT @celsius AS celsius, humidity FROM 'device/data'`;
    expect(select(sql, messageOf({ temp_fahrenheit: 75, humidity: 60 }))).toEqual({ celsius: 23, humidity: 60 });
    expect(select(sql, messageOf({ temp_fahrenheit: 75.5, humidity: 60 }))).toEqual({
      celsius: expect.closeTo(24.1667, 4) as number,
      humidity: 60,
    });
  });
});
