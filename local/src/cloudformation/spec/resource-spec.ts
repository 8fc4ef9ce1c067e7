import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';

type Database = Awaited<ReturnType<typeof loadAwsServiceSpec>>;
const find = (database: Database, type: string) => database.lookup('resource', 'cloudFormationType', 'equals', type)[0];
type Resource = NonNullable<ReturnType<typeof find>>;

/** The type of a property in AWS's own data. */
export type PropertyType = Resource['properties'][string]['type'];
export type PropertySpecs = Resource['properties'];

/** What AWS publishes about a resource type. */
export interface ResourceSpec {
  readonly type: string;
  readonly properties: PropertySpecs;
  /** Names that Fn::GetAtt takes; undefined where any name may come, as of a custom resource. */
  readonly attributes: readonly string[] | undefined;
  /** The properties or attributes that Ref gives, joined by `|`. */
  readonly ref: readonly string[];
  /** The properties by which a resource of the type is imported. */
  readonly identifier: readonly string[];
  /** The property that takes tags, and its form. */
  readonly tags: { readonly property: string; readonly form: 'list' | 'map' } | undefined;
}

/** AWS's data about CloudFormation's resource types (`@aws-cdk/aws-service-spec`). Large, hence loaded once, when first asked for. */
export class ResourceSpecs {
  readonly #database: Database;
  readonly #known = new Map<string, ResourceSpec | undefined>();
  static #loading: Promise<ResourceSpecs> | undefined;

  private constructor(database: Database) {
    this.#database = database;
  }

  static load(): Promise<ResourceSpecs> {
    this.#loading ??= loadAwsServiceSpec().then((database) => new ResourceSpecs(database));
    return this.#loading;
  }

  /** Undefined for a type that AWS does not have. */
  find(type: string): ResourceSpec | undefined {
    if (!this.#known.has(type)) this.#known.set(type, this.#read(type));
    return this.#known.get(type);
  }

  /** The properties of a type that stands below a property. */
  members(type: Extract<PropertyType, { type: 'ref' }>): PropertySpecs {
    return this.#database.get('typeDefinition', type.reference).properties;
  }

  #read(type: string): ResourceSpec | undefined {
    if (type === METADATA.type) return METADATA;
    const custom = type.startsWith('Custom::') || type === CUSTOM_RESOURCE;
    const resource = find(this.#database, custom ? CUSTOM_RESOURCE : type);
    if (!resource) return undefined;
    const tags = resource.tagInformation;
    return {
      type,
      properties: resource.properties,
      attributes: custom ? undefined : Object.keys(resource.attributes),
      identifier: resource.primaryIdentifier ?? [],
      ref: resource.cfnRefIdentifier ?? resource.primaryIdentifier ?? [],
      tags: tags && { property: tags.tagPropertyName, form: tags.variant === 'map' ? 'map' : 'list' },
    };
  }
}

/** The type of a custom resource that has no name of its own. */
const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource';

/** Whether a Lambda function of the stack's author stands behind the type. */
export const isCustom = (type: string): boolean => type.startsWith('Custom::') || type === CUSTOM_RESOURCE;

// CDK's own type, which is in no public data: it makes nothing and tells AWS which constructs a stack uses.
const METADATA: ResourceSpec = {
  type: 'AWS::CDK::Metadata',
  properties: { Analytics: { type: { type: 'string' } } },
  attributes: [],
  ref: ['Id'],
  identifier: [],
  tags: undefined,
};
